import type { NeighbourRecord } from '../../packets/observe/records.ts';
import type { NeighbourFinding } from '../../platform/ports/finding.ts';
import type { Neighbour } from '../../protocol/messages/lldp.ts';
import type { Producer } from '../producer.ts';
import { chunks, clip, present } from './chunks.ts';
import { macBytes } from './mac.ts';

const CHASSIS_MAC = 4;
const NO_MAC = '00:00:00:00:00:00';
const MAX_DESCRIPTION = 512;
const MAX_ADDRESSES = 8;

/** What a daemon says, as the record that a frame would have made. */
export function neighbourRecord({ kind: _, timeMs, sourceMac, ...said }: NeighbourFinding): NeighbourRecord {
  return {
    ...said,
    // Where the daemon does not tell who sent it, a chassis that is named by a MAC does (IEEE 802.1AB 8.5.2.2).
    sourceMac: sourceMac ?? (said.chassisIdSubtype === CHASSIS_MAC ? said.chassisId : NO_MAC),
    protocol: 'lldp',
    firstSeenMs: timeMs,
    lastSeenMs: timeMs,
    provenance: { frame: 0 },
  };
}

export function neighbourOf(record: NeighbourRecord): Neighbour {
  return present({
    port: record.port.slice(0, 255),
    sourceMac: macBytes(record.sourceMac),
    chassisIdSubtype: record.chassisIdSubtype,
    chassisId: record.chassisId.slice(0, 255),
    portIdSubtype: record.portIdSubtype,
    portId: record.portId.slice(0, 255),
    ttlS: record.ttlS,
    portDescription: clip(record.portDescription),
    systemName: clip(record.systemName),
    systemDescription: clip(record.systemDescription, MAX_DESCRIPTION),
    capabilities: record.capabilities,
    enabledCapabilities: record.enabledCapabilities,
    managementAddresses: record.managementAddresses?.slice(0, MAX_ADDRESSES),
    portVlan: record.portVlan,
    lastSeenMs: Math.max(0, Math.round(record.lastSeenMs)),
  });
}

/** Neighbours that were heard, and those that said goodbye (ttlS 0). The stream is LLDP's alone. */
export async function produceLldp(
  producer: Producer,
  records: readonly NeighbourRecord[],
  perMessage: number,
): Promise<void> {
  const neighbours = records.filter((record) => record.protocol === 'lldp').map(neighbourOf);
  for (const part of chunks(neighbours, perMessage)) {
    await producer.produce('lldp', { class: 'lldp', neighbours: part });
  }
}
