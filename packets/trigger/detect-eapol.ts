import type { Dissection } from '../dissection.ts';
import { EapCode, eapCode } from '../layers/eap.ts';
import { EAPOL_HEADER, EapolType, eapolType } from '../layers/eapol.ts';
import { messageNumber } from '../layers/eapol-key.ts';
import { DESTINATION, SOURCE } from '../layers/ethernet.ts';
import { stationOffset } from '../layers/ieee80211-header.ts';
import { Proto } from '../protocols.ts';
import type { Detector } from './detect.ts';

/**
 * 4-way handshakes that do not end, 802.1X that is refused or falls silent. A key handshake that has begun is
 * the end of 802.1X.
 */
export const detectEapol: Detector = (d, layer, scene) => {
  const b = d.frame;
  const start = d.start[layer];
  const type = eapolType(b, start);
  if (type === EapolType.key) {
    const at = supplicantOffset(d, true);
    if (at < 0) return;
    const client = scene.client(b, at);
    client.met('dot1x');
    const number = messageNumber(b, start + EAPOL_HEADER, d.end[layer]);
    if (number === 1)
      client.expect('handshake', 'handshake-timeout', scene.timeMs + scene.timeouts.handshakeMs);
    if (number === 4) client.met('handshake');
    return;
  }
  if (type === EapolType.start || type === EapolType.logoff) {
    const at = supplicantOffset(d, false);
    if (at < 0) return;
    const client = scene.client(b, at);
    if (type === EapolType.logoff) client.met('dot1x');
    else client.expect('dot1x', 'dot1x-timeout', scene.timeMs + scene.timeouts.dot1xMs);
  }
};

export const detectEap: Detector = (d, layer, scene) => {
  const b = d.frame;
  const code = eapCode(b, d.start[layer]);
  const isFromServer = code !== EapCode.response && code !== EapCode.initiate;
  const at = supplicantOffset(d, isFromServer);
  if (at < 0) return;
  const client = scene.client(b, at);
  client.met('dot1x');
  if (code === EapCode.request || code === EapCode.response) {
    client.expect('dot1x', 'dot1x-timeout', scene.timeMs + scene.timeouts.dot1xMs);
  } else if (code === EapCode.failure) scene.fire(client, 'dot1x-failure');
};

/** Where the supplicant's address is, or −1: a switch asks a whole port, by the group address, who is there. */
function supplicantOffset(d: Dissection, isToSupplicant: boolean): number {
  const wireless = d.find(Proto.ieee80211);
  if (wireless >= 0) return stationOffset(d.frame, d.start[wireless]);
  const wired = d.find(Proto.ethernet);
  if (wired < 0) return -1;
  const at = d.start[wired] + (isToSupplicant ? DESTINATION : SOURCE);
  return (d.frame[at] & 1) === 0 ? at : -1;
}
