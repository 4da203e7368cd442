import { bodyOffset } from '../layers/ieee80211.ts';
import { hasBadFcs } from '../layers/ieee80211-capture.ts';
import * as header from '../layers/ieee80211-header.ts';
import { associationStatus, authStatus, fixedLength, reasonCode } from '../layers/ieee80211-management.ts';
import type { Client } from './client.ts';
import type { Detector, Scene } from './detect.ts';

/** "Come back later" in protected management frames (IEEE 802.11-2020 11.13, status 30). */
const STATUS_TRY_AGAIN = 30;
/** SAE asks for a token, or tells how it will hash: part of a good exchange (12.4.7.6). */
const SAE_STATUS: ReadonlySet<number> = new Set([76, 126, 127]);
/** The station itself leaves, or sleeps on (9.4.1.7): reasons 3, 8 and 36. */
const REASON_LEAVING: ReadonlySet<number> = new Set([3, 8, 36]);

const BURST_ERRORS = 3;
const BURST_WINDOW_MS = 10_000;
const RETRY_WINDOW_MS = 5000;
const RETRIES_PER_WINDOW = 40;

/** Refusals, roams that fail and bursts of errors, from management frames and retry bits. */
export const detectIeee80211: Detector = (d, layer, scene) => {
  const b = d.frame;
  const start = d.start[layer];
  // What failed its check is evidence of nothing.
  const station = hasBadFcs(d, layer) ? -1 : header.stationOffset(b, start);
  if (station < 0) return;
  const client = scene.client(b, station);
  countRetries(client, header.isRetry(b, start), scene);
  if (header.isData(b, start)) {
    // Keys are in use: whatever part of the handshake was not heard, it is over.
    if (header.isProtected(b, start) && header.toDs(b, start)) client.met('handshake');
    return;
  }
  if (!header.isManagement(b, start) || header.isProtected(b, start)) return;
  const body = bodyOffset(d, layer);
  const subtype = header.frameSubtype(b, start);
  if (body + fixedLength(b, body, d.end[layer], subtype) > d.end[layer]) return;
  const isFromAp = station === start + header.ADDRESS_1;
  switch (subtype) {
    case header.Management.authentication:
      if (isFromAp) {
        const status = authStatus(b, body);
        if (status !== 0 && !SAE_STATUS.has(status)) scene.fire(client, 'authentication-refused');
      }
      return;
    case header.Management.associationResponse:
      if (isRefusal(associationStatus(b, body))) scene.fire(client, 'association-refused');
      return;
    case header.Management.reassociationRequest:
      client.expect('roam', 'roam-failure', scene.timeMs + scene.timeouts.roamMs);
      return;
    case header.Management.reassociationResponse:
      client.met('roam');
      if (isRefusal(associationStatus(b, body))) scene.fire(client, 'roam-failure');
      return;
    case header.Management.deauthentication:
    case header.Management.disassociation:
      if (!REASON_LEAVING.has(reasonCode(b, body))) countError(client, scene);
  }
};

const isRefusal = (status: number): boolean => status !== 0 && status !== STATUS_TRY_AGAIN;

function countError(client: Client, scene: Scene): void {
  const { errorsMs } = client;
  errorsMs.push(scene.timeMs);
  if (errorsMs.length > BURST_ERRORS) errorsMs.shift();
  if (errorsMs.length === BURST_ERRORS && scene.timeMs - errorsMs[0] <= BURST_WINDOW_MS) {
    errorsMs.length = 0;
    scene.fire(client, 'error-burst');
  }
}

/** A burst is a window in which many frames were retries, and most. */
function countRetries(client: Client, isRetry: boolean, scene: Scene): void {
  if (scene.timeMs - client.retryWindowFromMs > RETRY_WINDOW_MS || scene.timeMs < client.retryWindowFromMs) {
    client.retryWindowFromMs = scene.timeMs;
    client.retries = 0;
    client.framesInWindow = 0;
  }
  client.framesInWindow++;
  if (!isRetry) return;
  client.retries++;
  if (client.retries === RETRIES_PER_WINDOW && 2 * client.retries >= client.framesInWindow) {
    scene.fire(client, 'error-burst');
  }
}
