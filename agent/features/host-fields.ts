import type { HostRecord } from '../../packets/observe/records.ts';
import type { FieldSwitches } from '../settings.ts';
import { clip } from './chunks.ts';

const MAX_IP4 = 8;
const MAX_IP6 = 16;
const MAX_USER_AGENT = 1024;

/** What `clients` and `wired` say of a host. A field that is switched off is not there. */
export function hostFields(record: HostRecord, allowed: FieldSwitches) {
  return {
    randomized: record.randomized,
    vlan: record.vlan,
    ip4: record.ip4?.slice(0, MAX_IP4),
    ip6: record.ip6?.slice(0, MAX_IP6),
    hostName: allowed.hostName ? clip(record.hostName) : undefined,
    userName: allowed.userName ? clip(record.userName) : undefined,
    userAgent: allowed.userAgent ? clip(record.userAgent, MAX_USER_AGENT) : undefined,
    manufacturer: clip(record.manufacturer),
    family: allowed.deviceFamily ? clip(record.family) : undefined,
    os: allowed.deviceFamily ? clip(record.os) : undefined,
    confidence: allowed.deviceFamily ? record.confidence : undefined,
    lastSeenMs: Math.max(0, Math.round(record.lastSeenMs)),
  };
}
