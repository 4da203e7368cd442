import { macText } from '../bytes.ts';
import type { Dissection } from '../dissection.ts';
import { cdp } from '../layers/cdp.ts';
import type { FrameMeta } from './frame-meta.ts';
import { MAX_NAME } from './host.ts';
import type { NeighbourRecord } from './records.ts';

const MAX_ADDRESSES = 8;
const MAX_DESCRIPTION = 512;
/** CDP has no subtypes; those of LLDP (IEEE 802.1AB tables 8-2, 8-3) that say the same: local, interface name. */
const CHASSIS_LOCAL = 7;
const PORT_INTERFACE_NAME = 5;

/** The neighbour that a CDP frame announces, in the terms of LLDP; undefined without device and port. */
export function cdpNeighbour(
  d: Dissection,
  i: number,
  sourceAt: number,
  meta: FrameMeta,
): NeighbourRecord | undefined {
  const said = cdp.record(d, i);
  if (said.deviceId === undefined || said.portId === undefined) return undefined;
  const record: NeighbourRecord = {
    protocol: 'cdp',
    port: meta.interfaceName,
    sourceMac: macText(d.frame, sourceAt),
    chassisIdSubtype: CHASSIS_LOCAL,
    chassisId: said.deviceId.slice(0, MAX_NAME),
    portIdSubtype: PORT_INTERFACE_NAME,
    portId: said.portId.slice(0, MAX_NAME),
    ttlS: said.ttl,
    systemName: (said.systemName ?? said.deviceId).slice(0, MAX_NAME),
    firstSeenMs: meta.timeMs,
    lastSeenMs: meta.timeMs,
    provenance: { frame: meta.number },
  };
  if (said.softwareVersion !== undefined)
    record.systemDescription = said.softwareVersion.slice(0, MAX_DESCRIPTION);
  const addresses = said.managementAddresses ?? said.addresses ?? [];
  if (addresses.length > 0) record.managementAddresses = addresses.slice(0, MAX_ADDRESSES);
  if (said.nativeVlan !== undefined) record.portVlan = said.nativeVlan;
  return record;
}
