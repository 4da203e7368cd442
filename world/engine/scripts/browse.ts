/** A visit to a server: the gateway is resolved, then a name, then TCP with HTTP or TLS inside. */
import { dnsAnswer, dnsFailure, dnsQuery } from '../../frames/dns.ts';
import { httpGet, httpOk } from '../../frames/http.ts';
import { IpProtocol, TcpFlag, tcp, udp } from '../../frames/ip.ts';
import { macBytes, octets } from '../../frames/octets.ts';
import { applicationData, clientHello, serverHello } from '../../frames/tls.ts';
import { MS, randomOctets, S } from '../chance.ts';
import type { Script } from '../emission.ts';
import type { Host, Peer } from '../host.ts';
import { resolveGateway, SLOW_MS } from './address.ts';

/** Names and addresses that are nobody's (RFC 2606, RFC 5737). */
const SERVERS = [
  { name: 'www.example.com', ipv4: '203.0.113.10' },
  { name: 'mail.example.net', ipv4: '203.0.113.25' },
  { name: 'cdn.example.org', ipv4: '198.51.100.7' },
  { name: 'api.example.com', ipv4: '198.51.100.80' },
] as const;
/** Plain HTTP is what systems do to find captive portals. */
const PORTAL_CHECK = { name: 'captive.example.com', ipv4: '203.0.113.99' };
const MSS = [2, 4, 0x05, 0xb4, 4, 2, 1, 3, 3, 8, 1, 1];
const LONGEST_RECORD = 1000;

/** Asks the gateway for its MAC, then fetches one thing by TLS. */
export function* browse(host: Host, startUs: number): Script {
  const { timeUs, found } = yield* resolveGateway(host, startUs);
  if (!found) return timeUs;
  const server = host.draws.pick(SERVERS);
  return yield* visit(host, timeUs + 5 * MS, server, 443);
}

/** The check for a captive portal, with the system's user agent in the clear. */
export function* portalCheck(host: Host, startUs: number): Script {
  if (host.being.userAgent === null) return startUs;
  const { timeUs, found } = yield* resolveGateway(host, startUs);
  if (!found) return timeUs;
  return yield* visit(host, timeUs + 5 * MS, PORTAL_CHECK, 80);
}

/** Tries three times; null when the name stays unknown. */
function* lookUp(
  host: Host,
  startUs: number,
  server: { name: string; ipv4: string },
): Script<{ timeUs: number; found: boolean }> {
  const { network, attachment, draws } = host;
  const resolver = {
    ipv4: network.site.servers.dns.ipv4,
    mac: network.nextHop(attachment.vlan, network.site.servers.dns),
  };
  const id = draws.integer(0, 0xffff);
  const port = host.nextPort();
  let timeUs = startUs;
  for (let attempt = 0; attempt < 3; attempt++, timeUs += 5 * S) {
    yield* host.send(
      timeUs,
      host.packet(resolver, 'to', IpProtocol.udp, (ends) => udp(ends, port, 53, dnsQuery(id, server.name))),
    );
    const { dns } = host.conditions(timeUs);
    if (dns.answer === 'silent' || !host.isReachable(timeUs)) continue;
    timeUs += dns.delayMs * MS + draws.integer(1, 30) * MS;
    const failed = dns.answer === 'servfail';
    const answer = failed ? dnsFailure(id, server.name, 2) : dnsAnswer(id, server.name, server.ipv4);
    yield* host.receive(
      timeUs,
      host.packet(resolver, 'from', IpProtocol.udp, (ends) => udp(ends, 53, port, answer)),
    );
    if (failed) yield host.trouble(timeUs + MS, 'name-unknown', 'dns');
    else if (dns.delayMs > SLOW_MS) yield host.trouble(timeUs + MS, 'name-slow', 'dns');
    return { timeUs: timeUs + MS, found: !failed };
  }
  yield host.trouble(timeUs, 'name-unknown', 'dns');
  return { timeUs, found: false };
}

/** One side's numbers of a connection. */
interface Connection {
  peer: Peer;
  port: number;
  serverPort: number;
  /** Next sequence number to send, of the host and of the server. */
  mine: number;
  theirs: number;
}

const NOTHING = new Uint8Array(0);

/** A segment of either side; sequence numbers move by data, SYN and FIN (RFC 9293 3.4). */
function segment(
  host: Host,
  of: Connection,
  direction: 'to' | 'from',
  flags: number,
  payload: Uint8Array = NOTHING,
): Uint8Array {
  const [seq, ack] = direction === 'to' ? [of.mine, of.theirs] : [of.theirs, of.mine];
  const [fromPort, toPort] = direction === 'to' ? [of.port, of.serverPort] : [of.serverPort, of.port];
  const isSyn = (flags & TcpFlag.syn) !== 0;
  const frame = host.packet(of.peer, direction, IpProtocol.tcp, (ends) =>
    tcp(
      ends,
      {
        fromPort,
        toPort,
        seq,
        ack: (flags & TcpFlag.ack) === 0 ? 0 : ack,
        flags,
        options: isSyn ? MSS : [],
      },
      payload,
    ),
  );
  const moved = payload.length + (isSyn || (flags & TcpFlag.fin) !== 0 ? 1 : 0);
  if (direction === 'to') of.mine = (of.mine + moved) >>> 0;
  else of.theirs = (of.theirs + moved) >>> 0;
  return frame;
}

function* visit(
  host: Host,
  startUs: number,
  server: { name: string; ipv4: string },
  serverPort: number,
): Script {
  const { draws, network, attachment } = host;
  const looked = yield* lookUp(host, startUs, server);
  const gateway = network.network(attachment.vlan)?.gateway;
  if (!looked.found || gateway === undefined) return looked.timeUs;
  const of: Connection = {
    peer: { ipv4: server.ipv4, mac: macBytes(gateway.mac) },
    port: host.nextPort(),
    serverPort,
    mine: draws.bits(),
    theirs: draws.bits(),
  };
  const roundTripUs = draws.integer(8, 60) * MS;
  let timeUs = looked.timeUs + 2 * MS;
  yield* host.send(timeUs, segment(host, of, 'to', TcpFlag.syn));
  timeUs += roundTripUs;
  yield* host.receive(timeUs, segment(host, of, 'from', TcpFlag.syn | TcpFlag.ack));
  timeUs += MS;
  yield* host.send(timeUs, segment(host, of, 'to', TcpFlag.ack));
  const { mine, theirs } = exchange(host, server.name, serverPort);
  for (const payload of mine) {
    timeUs += MS;
    yield* host.send(timeUs, segment(host, of, 'to', TcpFlag.psh | TcpFlag.ack, payload));
  }
  timeUs += roundTripUs;
  for (const payload of theirs) {
    timeUs += MS;
    yield* host.receive(timeUs, segment(host, of, 'from', TcpFlag.psh | TcpFlag.ack, payload));
  }
  timeUs += MS;
  yield* host.send(timeUs, segment(host, of, 'to', TcpFlag.ack));
  timeUs += MS;
  yield* host.receive(timeUs, segment(host, of, 'from', TcpFlag.fin | TcpFlag.ack));
  timeUs += MS;
  yield* host.send(timeUs, segment(host, of, 'to', TcpFlag.fin | TcpFlag.ack));
  timeUs += roundTripUs;
  yield* host.receive(timeUs, segment(host, of, 'from', TcpFlag.ack));
  return timeUs;
}

/** Payloads of both sides, each of one segment. */
function exchange(
  host: Host,
  name: string,
  serverPort: number,
): { mine: Uint8Array[]; theirs: Uint8Array[] } {
  const { draws, being } = host;
  if (serverPort === 80) {
    return { mine: [httpGet(name, '/', being.userAgent ?? 'curl/8.5.0')], theirs: [httpOk('success\n')] };
  }
  const hello = {
    serverName: name,
    random: randomOctets(draws, 32),
    sessionId: randomOctets(draws, 32),
    publicKey: randomOctets(draws, 32),
    alpn: ['h2', 'http/1.1'],
  };
  const answer = { ...hello, random: randomOctets(draws, 32), publicKey: randomOctets(draws, 32) };
  const record = () => applicationData(randomOctets(draws, draws.integer(60, LONGEST_RECORD)));
  return {
    mine: [clientHello(hello)],
    theirs: [octets(serverHello(answer), record()), ...Array.from({ length: draws.integer(1, 6) }, record)],
  };
}
