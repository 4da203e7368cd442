import { createHmac, pbkdf2Sync } from 'node:crypto';
import { be16, cat, dataFrame, hex, managementFrame, snap } from './build-frames.ts';

export interface Handshake {
  ssid: string;
  passphrase: string;
  ap: Uint8Array;
  station: Uint8Array;
}

const LABEL = Buffer.from('Pairwise key expansion\0');
const RSN = hex('30140100000fac040100000fac040100000fac020000');

/** PRF-384 (IEEE 802.11-2020 12.7.1.2). */
function prf384(pmk: Uint8Array, data: Uint8Array): Uint8Array {
  const block = (i: number): Buffer =>
    createHmac('sha1', pmk)
      .update(cat(LABEL, data, [i]))
      .digest();
  return cat(block(0), block(1), block(2)).subarray(0, 48);
}

const ordered = (a: Uint8Array, b: Uint8Array): Uint8Array =>
  Buffer.compare(a, b) < 0 ? cat(a, b) : cat(b, a);

/** EAPOL-Key of descriptor version 2 (12.7.2), with its MIC when a key is given. */
function keyFrame(
  info: number,
  replay: number,
  nonce: Uint8Array,
  keyData: Uint8Array,
  kck: Uint8Array | null,
): Uint8Array {
  const body = cat(
    [2],
    be16(info),
    be16(16),
    [0, 0, 0, 0, 0, 0, 0, replay],
    nonce,
    new Uint8Array(16 + 8 + 8),
    new Uint8Array(16),
    be16(keyData.length),
    keyData,
  );
  const frame = cat([2, 3], be16(body.length), body);
  if (kck !== null) frame.set(createHmac('sha1', kck).update(frame).digest().subarray(0, 16), 4 + 77);
  return frame;
}

/** A beacon, authentication, association and the four messages of a WPA2-PSK handshake, as 802.11 frames. */
export function wpa2Handshake({ ssid, passphrase, ap, station }: Handshake): Uint8Array[] {
  const pmk = pbkdf2Sync(passphrase, ssid, 4096, 32, 'sha1');
  const aNonce = Uint8Array.from({ length: 32 }, (_, i) => (i * 37 + 11) & 0xff);
  const sNonce = Uint8Array.from({ length: 32 }, (_, i) => (i * 53 + 7) & 0xff);
  const kck = prf384(pmk, cat(ordered(ap, station), ordered(aNonce, sNonce))).subarray(0, 16);
  const name = Buffer.from(ssid);
  const elements = cat([0, name.length], name, hex('010882848b960c121824'), RSN);
  const down = (frame: Uint8Array, i: number): Uint8Array =>
    dataFrame(2, station, ap, ap, cat(snap(0x888e), frame), i);
  const up = (frame: Uint8Array, i: number): Uint8Array =>
    dataFrame(1, ap, station, ap, cat(snap(0x888e), frame), i);
  return [
    managementFrame(8, hex('ffffffffffff'), ap, ap, cat(hex('0000000000000001 6400 1104'), elements), 1),
    managementFrame(11, ap, station, ap, hex('000001000000'), 1),
    managementFrame(11, station, ap, ap, hex('000002000000'), 2),
    managementFrame(0, ap, station, ap, cat(hex('11040a00'), elements), 2),
    managementFrame(1, station, ap, ap, cat(hex('1104000001c0'), hex('010882848b960c121824')), 3),
    down(keyFrame(0x008a, 1, aNonce, new Uint8Array(0), null), 4),
    up(keyFrame(0x010a, 1, sNonce, RSN, kck), 3),
    down(keyFrame(0x13ca, 2, aNonce, new Uint8Array(24).fill(0x5a), kck), 5),
    up(keyFrame(0x030a, 2, new Uint8Array(32), new Uint8Array(0), kck), 4),
  ];
}
