import { macText } from '../bytes.ts';
import type { Dissection } from '../dissection.ts';
import { lldp } from '../layers/lldp.ts';
import type { FrameMeta } from './frame-meta.ts';
import { MAX_NAME } from './host.ts';
import type { NeighbourRecord } from './records.ts';

const MAX_ADDRESSES = 8;

const MAX_DESCRIPTION = 512;

/**
 * The neighbour that an LLDP frame announces; undefined without the three mandatory TLVs, which a receiver
 * discards (IEEE 802.1AB 9.2.7.7). `sourceAt` is the offset of the sender's MAC address.
 */
export function lldpNeighbour(
  d: Dissection,
  i: number,
  sourceAt: number,
  meta: FrameMeta,
): NeighbourRecord | undefined {
  const said = lldp.record(d, i);
  if (said.chassis === undefined || said.port === undefined || said.timeToLive === undefined)
    return undefined;
  const record: NeighbourRecord = {
    protocol: 'lldp',
    port: meta.interfaceName,
    sourceMac: macText(d.frame, sourceAt),
    chassisIdSubtype: said.chassis.subtype,
    chassisId: said.chassis.id.slice(0, MAX_NAME),
    portIdSubtype: said.port.subtype,
    portId: said.port.id.slice(0, MAX_NAME),
    ttlS: said.timeToLive,
    firstSeenMs: meta.timeMs,
    lastSeenMs: meta.timeMs,
    provenance: { frame: meta.number },
  };
  if (said.portDescription !== undefined) record.portDescription = said.portDescription.slice(0, MAX_NAME);
  if (said.systemName !== undefined) record.systemName = said.systemName.slice(0, MAX_NAME);
  if (said.systemDescription !== undefined) {
    record.systemDescription = said.systemDescription.slice(0, MAX_DESCRIPTION);
  }
  if (said.capabilities !== undefined) record.capabilities = said.capabilities;
  if (said.enabledCapabilities !== undefined) record.enabledCapabilities = said.enabledCapabilities;
  const addresses = said.managementAddresses
    .map(({ address }) => address)
    .filter((text) => text.length <= 45);
  if (addresses.length > 0) record.managementAddresses = addresses.slice(0, MAX_ADDRESSES);
  if (said.dot1.portVlan !== undefined && said.dot1.portVlan !== 0) record.portVlan = said.dot1.portVlan;
  return record;
}
