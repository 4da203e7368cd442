/** EAP between a host and its authenticator, by air or by cable: identity, then a TLS method's outer side. */

import type { Being } from '../../beings/model.ts';
import {
  type EapMethod,
  eapFailure,
  eapSuccess,
  identityRequest,
  identityResponse,
  methodData,
  methodStart,
} from '../../frames/eap.ts';
import { EtherType, ethernet } from '../../frames/ethernet.ts';
import { octets } from '../../frames/octets.ts';
import { applicationData, clientHello, serverHello } from '../../frames/tls.ts';
import type { Draws } from '../../random.ts';
import type { Station } from '../attachment.ts';
import { MS, randomOctets, S } from '../chance.ts';
import type { Emission, Script } from '../emission.ts';
import type { SiteNetwork } from '../network.ts';

export type EapOutcome = 'accepted' | 'rejected' | 'timeout';

/** Puts an EAPOL frame of the host (`up`) or of the authenticator on its medium. */
type Carry = (timeUs: number, up: boolean, eapol: Uint8Array) => Emission;

interface Exchange {
  being: Being;
  network: SiteNetwork;
  draws: Draws;
  carry: Carry;
}

/** The name that it gives before the tunnel; who has none gives its host's. */
export const identityOf = (being: Being): string => being.userName ?? being.hostName ?? being.id;

const METHODS: Readonly<Record<string, EapMethod>> = { Linux: 'ttls', ChromeOS: 'ttls', Windows: 'peap' };
/** Retransmission of RFC 3748 4.3. */
const RETRANSMIT_S = [3, 6, 12];

export function authenticate(
  of: {
    being: Being;
    station: Station;
    network: SiteNetwork;
    draws: Draws;
    cell: { bss: { bssid: Uint8Array } };
  },
  startUs: number,
): Script<{ timeUs: number; outcome: EapOutcome }> {
  const { being, station, network, draws, cell } = of;
  const { bssid } = cell.bss;
  const carry: Carry = (timeUs, up, frame) =>
    station.clear(
      timeUs,
      up,
      up
        ? ethernet(bssid, station.mac, EtherType.eapol, frame)
        : ethernet(station.mac, bssid, EtherType.eapol, frame),
    );
  return exchange({ being, network, draws, carry }, startUs);
}

export function* exchange(
  { being, network, draws, carry }: Exchange,
  startUs: number,
): Script<{ timeUs: number; outcome: EapOutcome }> {
  const user = identityOf(being);
  const method = METHODS[being.os] ?? 'peap';
  let timeUs = startUs;
  let id = draws.integer(1, 100);
  yield carry(timeUs, false, identityRequest(id));
  timeUs += draws.integer(3, 20) * MS;
  yield carry(timeUs, true, identityResponse(id, user));
  const { radius } = network.conditionsAt(timeUs / 1000);
  if (radius.answer === 'silent') {
    for (const waitS of RETRANSMIT_S) {
      timeUs += waitS * S;
      yield carry(timeUs, false, identityRequest(id));
      yield carry(timeUs + 5 * MS, true, identityResponse(id, user));
    }
    timeUs += 12 * S;
    return { timeUs, outcome: 'timeout' };
  }
  const serverUs = () => (radius.delayMs + draws.integer(3, 12)) * MS;
  for (const [fromServer, fromHost] of rounds(method, draws)) {
    timeUs += serverUs();
    id++;
    yield carry(timeUs, false, fromServer(id));
    timeUs += draws.integer(2, 15) * MS;
    yield carry(timeUs, true, fromHost(id));
  }
  timeUs += serverUs();
  const isRejected = radius.answer === 'reject' && (radius.users === null || radius.users.includes(user));
  yield carry(timeUs, false, isRejected ? eapFailure(id) : eapSuccess(id));
  return { timeUs, outcome: isRejected ? 'rejected' : 'accepted' };
}

type Round = readonly [(id: number) => Uint8Array, (id: number) => Uint8Array];

/** Start, hellos, finished, and what is said inside the tunnel, which nobody outside can read. */
function rounds(method: EapMethod, draws: Draws): Round[] {
  const hello = {
    serverName: 'radius.corp.example',
    random: randomOctets(draws, 32),
    sessionId: randomOctets(draws, 32),
    publicKey: randomOctets(draws, 32),
    alpn: ['eap'],
  };
  const answer = serverHello({
    ...hello,
    random: randomOctets(draws, 32),
    publicKey: randomOctets(draws, 32),
  });
  const sealed = (length: number) => applicationData(randomOctets(draws, length));
  const certificate = octets(answer, sealed(1100));
  const tunnel = Array.from({ length: 3 }, () => [
    sealed(draws.integer(40, 90)),
    sealed(draws.integer(40, 90)),
  ]);
  return [
    [(id) => methodStart(id, method), (id) => methodData(true, id, method, clientHello(hello))],
    [(id) => methodData(false, id, method, certificate), (id) => methodData(true, id, method, sealed(53))],
    ...tunnel.map(
      ([ask, reply]): Round => [
        (id) => methodData(false, id, method, ask),
        (id) => methodData(true, id, method, reply),
      ],
    ),
  ];
}
