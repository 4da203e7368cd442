import type { Dissection } from '../dissection.ts';
import { EapCode, eapCode } from '../layers/eap.ts';
import { EAPOL_HEADER, EapolType, eapolType } from '../layers/eapol.ts';
import { messageNumber } from '../layers/eapol-key.ts';
import { DESTINATION, SOURCE } from '../layers/ethernet.ts';
import { stationOffset } from '../layers/ieee80211-header.ts';
import { Proto } from '../protocols.ts';
import type { Client } from './client.ts';
import type { Detector, Scene } from './detect.ts';

/**
 * 4-way handshakes that do not end, 802.1X that is refused or falls silent. A key handshake that has begun is
 * the end of 802.1X.
 */
export const detectEapol: Detector = (d, layer, scene) => {
  const b = d.frame;
  const start = d.start[layer];
  const type = eapolType(b, start);
  if (type === EapolType.key) {
    const client = supplicantOf(d, scene, true);
    if (client === null) return;
    client.met('dot1x');
    const number = messageNumber(b, start + EAPOL_HEADER, d.end[layer]);
    if (number === 1) {
      client.expect('handshake', 'handshake-timeout', scene.timeMs + scene.timeouts.handshakeMs);
    } else if (number === 4) client.met('handshake');
  } else if (type === EapolType.start || type === EapolType.logoff) {
    const client = supplicantOf(d, scene, false);
    if (type === EapolType.logoff) client?.met('dot1x');
    else client?.expect('dot1x', 'dot1x-timeout', scene.timeMs + scene.timeouts.dot1xMs);
  }
};

export const detectEap: Detector = (d, layer, scene) => {
  const b = d.frame;
  const code = eapCode(b, d.start[layer]);
  const isToSupplicant = code !== EapCode.response && code !== EapCode.initiate;
  const client = supplicantOf(d, scene, isToSupplicant);
  if (client === null) return;
  client.met('dot1x');
  if (code === EapCode.request || code === EapCode.response) {
    client.expect('dot1x', 'dot1x-timeout', scene.timeMs + scene.timeouts.dot1xMs);
  } else if (code === EapCode.failure) scene.fire(client, 'dot1x-failure');
};

/**
 * Whom a frame is about. On a wire both sides speak to a group address (IEEE 802.1X-2020 11.1.1): then it is
 * whoever spoke last on that port, and nobody while a switch only asks who is there.
 */
function supplicantOf(d: Dissection, scene: Scene, isToSupplicant: boolean): Client | null {
  const b = d.frame;
  const wireless = d.find(Proto.ieee80211);
  if (wireless >= 0) {
    const station = stationOffset(b, d.start[wireless]);
    return station < 0 ? null : scene.client(b, station);
  }
  const wired = d.find(Proto.ethernet);
  if (wired < 0) return null;
  const at = d.start[wired] + (isToSupplicant ? DESTINATION : SOURCE);
  if ((b[at] & 1) !== 0) return isToSupplicant ? scene.supplicant() : null;
  const client = scene.client(b, at);
  scene.isSupplicant(client);
  return client;
}
