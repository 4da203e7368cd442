import { hex } from '../bytes.ts';
import type { Dissection } from '../dissection.ts';
import { dnsIsResponse, dnsResponseCode } from '../layers/dns-message.ts';
import { DESTINATION, SOURCE } from '../layers/ethernet.ts';
import { stationOffset } from '../layers/ieee80211-header.ts';
import { IPV4_DESTINATION, IPV4_SOURCE } from '../layers/ipv4.ts';
import { IPV6_DESTINATION, IPV6_SOURCE } from '../layers/ipv6.ts';
import { udpDestinationPort, udpSourcePort } from '../layers/udp.ts';
import { Proto } from '../protocols.ts';
import type { Detector } from './detect.ts';

const DNS_PORT = 53;
const SERVFAIL = 2;

/**
 * Resolvers that do not answer a client at all for a while, or say that they failed (RFC 1035 §4.1.1). It looks
 * from UDP, since of an answer in fragments no more can be read.
 */
export const detectDns: Detector = (d, layer, scene) => {
  const b = d.frame;
  const udp = d.start[layer];
  const isAnswer = udpSourcePort(b, udp) === DNS_PORT;
  if (!isAnswer && udpDestinationPort(b, udp) !== DNS_PORT) return;
  const at = clientOffset(d, isAnswer);
  if (at < 0) return;
  const client = scene.client(b, at);
  const key = `dns ${resolver(d, isAnswer)}`;
  const hasMessage = d.count > layer + 1 && d.proto[layer + 1] === Proto.dns;
  const message = d.start[layer + 1];
  if (isAnswer) {
    client.met(key);
    const isFailure = hasMessage && dnsIsResponse(b, message) && dnsResponseCode(b, message) === SERVFAIL;
    if (isFailure) scene.fire(client, 'dns-servfail');
  } else if (hasMessage && !dnsIsResponse(b, message)) {
    client.expect(key, 'dns-unanswered', scene.timeMs + scene.timeouts.dnsMs);
  }
};

function clientOffset(d: Dissection, isAnswer: boolean): number {
  const wireless = d.find(Proto.ieee80211);
  if (wireless >= 0) return stationOffset(d.frame, d.start[wireless]);
  const wired = d.find(Proto.ethernet);
  if (wired < 0) return -1;
  const at = d.start[wired] + (isAnswer ? DESTINATION : SOURCE);
  return (d.frame[at] & 1) === 0 ? at : -1;
}

function resolver(d: Dissection, isAnswer: boolean): string {
  const v4 = d.find(Proto.ipv4);
  if (v4 >= 0) {
    const at = d.start[v4] + (isAnswer ? IPV4_SOURCE : IPV4_DESTINATION);
    return hex(d.frame, at, at + 4);
  }
  const v6 = d.find(Proto.ipv6);
  if (v6 < 0) return '';
  const at = d.start[v6] + (isAnswer ? IPV6_SOURCE : IPV6_DESTINATION);
  return hex(d.frame, at, at + 16);
}
