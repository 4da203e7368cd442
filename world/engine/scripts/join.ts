/**
 * Into a cell: authentication, association, keys.
 *
 * | security        | frames                                                            |
 * |-----------------|-------------------------------------------------------------------|
 * | open            | authentication, association                                       |
 * | wpa2-psk        | the same, four-way handshake                                      |
 * | wpa3-sae        | SAE commit and confirm, association, four-way handshake           |
 * | wpa2-enterprise | authentication, association, EAP over EAPOL, four-way handshake   |
 */

import type { Being } from '../../beings/model.ts';
import { EtherType, ethernet } from '../../frames/ethernet.ts';
import { type FourWay, message1, message2, message3, message4 } from '../../frames/four-way.ts';
import {
  associationRequest,
  associationResponse,
  authentication,
  deauthentication,
  Reason,
  saeCommit,
  saeConfirm,
} from '../../frames/ieee80211-management.ts';
import { pairwiseKeys } from '../../frames/wpa-keys.ts';
import type { Draws } from '../../random.ts';
import type { Station } from '../attachment.ts';
import { MS, randomOctets, S } from '../chance.ts';
import type { JoinOutcome, Script } from '../emission.ts';
import type { Cell, SiteNetwork } from '../network.ts';
import { authenticate } from './ieee8021x.ts';

export interface Joining {
  being: Being;
  station: Station;
  network: SiteNetwork;
  draws: Draws;
  cell: Cell;
  /** Where a roam comes from. */
  from: Cell | null;
}

export function* join(of: Joining, startUs: number): Script<{ timeUs: number; outcome: JoinOutcome }> {
  const { station, cell, draws, from, network, being } = of;
  const { ssid } = cell;
  const bss = network.bssAt(cell, startUs);
  station.forgetKeys();
  station.cell = cell;
  station.vlan = ssid.vlan;
  let timeUs = yield* authenticateLink(of, startUs);
  yield station.up(
    timeUs,
    associationRequest(bss, station.mac, from?.bss.bssid ?? null, being.wifi?.roaming),
  );
  timeUs += draws.integer(1, 4) * MS;
  const answer = { status: 0, associationId: 1 + (being.index % 2007), reassociation: from !== null };
  yield station.down(timeUs, associationResponse(bss, station.mac, answer));
  if (cell.rsn === null) return { timeUs, outcome: 'joined' };
  if (ssid.security === 'wpa2-enterprise') {
    const eap = yield* authenticate(of, timeUs + 2 * MS);
    timeUs = eap.timeUs;
    if (eap.outcome !== 'accepted') {
      yield* give(of, timeUs + MS, Reason.ieee8021xFailed);
      return { timeUs: timeUs + MS, outcome: eap.outcome === 'rejected' ? 'eap-rejected' : 'eap-timeout' };
    }
  }
  const isWrong = network.bug(being, 'wrong-mic', network.conditionsAt(timeUs / 1000)) !== undefined;
  return yield* fourWayHandshake(of, timeUs + 2 * MS, isWrong);
}

function* give({ station, cell }: Joining, timeUs: number, reason: number): Script<void> {
  yield station.down(timeUs, deauthentication(cell.bss, station.mac, false, reason));
  station.cell = null;
}

function* authenticateLink({ station, cell, draws }: Joining, startUs: number): Script {
  const { bss, ssid } = cell;
  let timeUs = startUs;
  if (ssid.security === 'wpa3-sae') {
    for (const up of [true, false]) {
      yield {
        ...saeFrame(up, saeCommit(bss, station.mac, up, randomOctets(draws, 32), randomOctets(draws, 64))),
      };
      timeUs += draws.integer(2, 6) * MS;
    }
    for (const up of [true, false]) {
      yield { ...saeFrame(up, saeConfirm(bss, station.mac, up, randomOctets(draws, 32))) };
      timeUs += draws.integer(1, 3) * MS;
    }
    return timeUs;
  }
  yield station.up(timeUs, authentication(bss, station.mac, 1));
  timeUs += draws.integer(1, 3) * MS;
  yield station.down(timeUs, authentication(bss, station.mac, 2));
  return timeUs + MS;

  function saeFrame(up: boolean, frame: Uint8Array) {
    return up ? station.up(timeUs, frame) : station.down(timeUs, frame);
  }
}

/** How often message 1 is repeated, and how long the authenticator waits (12.7.6.6; hostapd: 4 times, 1 s). */
const ATTEMPTS = 4;

function* fourWayHandshake(
  of: Joining,
  startUs: number,
  isWrong: boolean,
): Script<{ timeUs: number; outcome: JoinOutcome }> {
  const { station, cell, draws, network } = of;
  const { bss, rsn } = cell;
  if (rsn === null) return { timeUs: startUs, outcome: 'joined' };
  const pmk = network.pmk(cell, draws);
  const inputs = {
    pmk,
    authenticator: bss.bssid,
    supplicant: station.mac,
    aNonce: randomOctets(draws, 32),
    sNonce: randomOctets(draws, 32),
  };
  const sha256 = bss.security === 'wpa3-sae';
  const accessPoint = pairwiseKeys(inputs, sha256);
  const stationKeys = isWrong
    ? pairwiseKeys({ ...inputs, pmk: randomOctets(draws, 32) }, sha256)
    : accessPoint;
  const { aNonce, sNonce } = inputs;
  const group = { key: network.groupKey(cell), keyId: 1 };
  const handshake: FourWay = { aNonce, sNonce, station: stationKeys, accessPoint, rsn, group };
  const down = (timeUs: number, frame: Uint8Array) =>
    station.clear(timeUs, false, ethernet(station.mac, bss.bssid, EtherType.eapol, frame));
  const up = (timeUs: number, frame: Uint8Array) =>
    station.clear(timeUs, true, ethernet(bss.bssid, station.mac, EtherType.eapol, frame));
  let timeUs = startUs;
  if (isWrong) {
    for (let replay = 1; replay <= ATTEMPTS; replay++, timeUs += S) {
      yield down(timeUs, message1(handshake, replay));
      yield up(timeUs + 5 * MS, message2(handshake, replay));
    }
    yield* give(of, timeUs, Reason.fourWayTimeout);
    return { timeUs, outcome: 'wrong-key' };
  }
  yield down(timeUs, message1(handshake, 1));
  timeUs += draws.integer(3, 15) * MS;
  yield up(timeUs, message2(handshake, 1));
  timeUs += draws.integer(1, 3) * MS;
  yield down(timeUs, message3(handshake, 2));
  timeUs += draws.integer(2, 8) * MS;
  yield up(timeUs, message4(handshake, 2));
  station.install(stationKeys, timeUs);
  return { timeUs, outcome: 'joined' };
}
