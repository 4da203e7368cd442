import { AP, beacon, data, element, extensionElement, FOURTH, OTHER, STATION } from '../build-ieee80211.ts';
import { bytes } from '../observe.ts';

const ARP = bytes(
  'aa aa 03 00 00 00 08 06',
  '00 01 08 00 06 04 00 01',
  STATION,
  '0a 00 00 01',
  '00'.repeat(6),
  '0a 00 00 02',
);
const QOS_DATA = 8;
const TO_DS = 0x01;
const BOTH_DS = 0x03;
const subframe = bytes(AP, STATION, [0, ARP.length], ARP);

/** IEEE 802.11-2020 9.4.2 (802.11ax-2021 for HE), 9.3.2.2 and 9.2.4.7.3, without capture header and FCS. */
export const IEEE80211: readonly Uint8Array[] = [
  beacon(element(7, bytes('444520 01 0d 14 24 08 17'))),
  beacon(element(54, bytes('3412 03')), element(52, bytes(OTHER, 'f73c0000 51 06 07'))),
  // With BSSID, short SSID and parameters, then two neighbours known by their time alone.
  beacon(element(201, bytes('00 0c 83 25 0a', OTHER, '78563412 4e', '10 01 51 06 05 06'))),
  beacon(
    element(45, bytes('ef09 1b ffff00', '00'.repeat(13), '0400 00000000 00')),
    element(61, bytes('24 05 0500 0000', '00'.repeat(16))),
  ),
  beacon(element(191, bytes('b2798933 faff 0000 faff 0000')), element(192, bytes('01 2a 32 fcff'))),
  beacon(extensionElement(36, bytes('f03f02 2a fcff 25 03 2f 00 06'))),
  beacon(element(113, bytes('01 01 00 01 00 02 09')), element(114, bytes('6d 65 73 68 2d 31'))),
  // Two subframes, padded to four bytes but for the last.
  data(QOS_DATA, TO_DS, bytes('80 00', subframe, '00'.repeat(-subframe.length & 3), subframe)),
  data(QOS_DATA, BOTH_DS, bytes(FOURTH, '00 01', '01 1f 78563412 020000000009', ARP)),
];
