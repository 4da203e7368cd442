/** The four-way handshake (IEEE 802.11-2020 12.7.6), as EAPOL frames. */
import { eapol } from './eap.ts';
import { be16, be64, type Octets, octets } from './octets.ts';
import { eapolMic, type PairwiseKeys, wrapKey } from './wpa-keys.ts';

const RSN_DESCRIPTOR = 2;
const Info = {
  pairwise: 0x0008,
  install: 0x0040,
  ack: 0x0080,
  mic: 0x0100,
  secure: 0x0200,
  encrypted: 0x1000,
};
/** HMAC-SHA1 with AES key wrap; 0 leaves it to the AKM (SAE). */
const version = (sha256: boolean): number => (sha256 ? 0 : 2);
const EAPOL_HEADER = 4;
const MIC = 77;
const NOTHING = new Uint8Array(0);

interface KeyFrame {
  info: number;
  keyLength: number;
  replay: number;
  nonce: Uint8Array;
  rsc?: Uint8Array;
  data: Octets;
}

function keyFrame(of: KeyFrame, keys: PairwiseKeys | null): Uint8Array {
  const body = octets(
    [RSN_DESCRIPTOR],
    be16(of.info),
    be16(of.keyLength),
    be64(of.replay),
    of.nonce,
    new Uint8Array(16),
    of.rsc ?? new Uint8Array(8),
    new Uint8Array(8),
    new Uint8Array(16),
    be16(of.data.length),
    of.data,
  );
  const frame = eapol(3, body);
  if (keys !== null) frame.set(eapolMic(keys, frame), EAPOL_HEADER + MIC);
  return frame;
}

const ZERO_NONCE = new Uint8Array(32);

export interface FourWay {
  aNonce: Uint8Array;
  sNonce: Uint8Array;
  /** The station's keys, from the passphrase that it believes in. */
  station: PairwiseKeys;
  /** The access point's. With a wrong passphrase they differ, and it stops after message 2. */
  accessPoint: PairwiseKeys;
  /** RSN element of the association. */
  rsn: Uint8Array;
  group: { key: Uint8Array; keyId: number };
}

export const message1 = (of: FourWay, replay: number): Uint8Array => {
  const info = Info.pairwise | Info.ack | version(of.accessPoint.sha256);
  return keyFrame({ info, keyLength: 16, replay, nonce: of.aNonce, data: NOTHING }, null);
};

export const message2 = (of: FourWay, replay: number): Uint8Array => {
  const info = Info.pairwise | Info.mic | version(of.station.sha256);
  return keyFrame({ info, keyLength: 0, replay, nonce: of.sNonce, data: of.rsn }, of.station);
};

/** Key data: the RSN element and the group key (12.7.2, GTK KDE), padded to 8 bytes, wrapped. */
export function message3(of: FourWay, replay: number): Uint8Array {
  const { key, keyId } = of.group;
  const gtk = octets([0xdd, 6 + key.length, 0x00, 0x0f, 0xac, 1, keyId, 0], key);
  const plain = octets(of.rsn, gtk);
  const rest = plain.length % 8;
  // 12.7.2: 0xdd and zeros fill up.
  const padded = rest === 0 ? plain : octets(plain, [0xdd], new Uint8Array(7 - rest));
  const info =
    Info.pairwise |
    Info.install |
    Info.ack |
    Info.mic |
    Info.secure |
    Info.encrypted |
    version(of.accessPoint.sha256);
  const data = wrapKey(of.accessPoint.encryption, padded);
  return keyFrame({ info, keyLength: 16, replay, nonce: of.aNonce, data }, of.accessPoint);
}

export const message4 = (of: FourWay, replay: number): Uint8Array => {
  const info = Info.pairwise | Info.mic | Info.secure | version(of.station.sha256);
  return keyFrame({ info, keyLength: 0, replay, nonce: ZERO_NONCE, data: NOTHING }, of.station);
};
