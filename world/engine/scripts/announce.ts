/** Multicast DNS of what has a name to tell (RFC 6762 8.3): twice, a second apart. */
import { mdnsAnnouncement } from '../../frames/dns.ts';
import { S } from '../chance.ts';
import type { Script } from '../emission.ts';
import type { Host } from '../host.ts';

const SERVICES: Readonly<Record<string, { type: string; port: number }>> = {
  printer: { type: '_ipp._tcp', port: 631 },
  camera: { type: '_rtsp._tcp', port: 554 },
};
const SPEAK_MDNS = ['iOS', 'iPadOS', 'macOS'];

export function* announceServices(host: Host, startUs: number): Script {
  const { being, lease, attachment } = host;
  const service = SERVICES[being.kind] ?? null;
  if (lease === null || being.hostName === null) return startUs;
  if (service === null && !SPEAK_MDNS.includes(being.os)) return startUs;
  const frame = () =>
    mdnsAnnouncement({ mac: attachment.mac, ipv4: lease.ipv4, hostName: being.hostName ?? '', service });
  yield* host.send(startUs, frame());
  yield* host.send(startUs + S, frame());
  return startUs + S;
}
