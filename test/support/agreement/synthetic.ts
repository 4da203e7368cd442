import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pcapBytes } from '../frame-file.ts';
import { bytes } from '../observe.ts';
import { BLUETOOTH_HCI_H4 } from './fields-ble.ts';
import { IEEE80211 } from './synthetic-wifi.ts';

/**
 * Frames of protocols that no recorded capture has, written down from their standards. What they mean is
 * tshark's to say.
 */
const A = '00 1b 21 aa bb 01';
const B = '00 1b 21 aa bb 02';
const u16 = (value: number): number[] => [value >> 8, value & 255];
const zeros = (count: number): string => '00'.repeat(count);

const ethernet = (type: string, payload: Uint8Array): Uint8Array => bytes(B, A, type, payload);
const ip4 = (proto: number, payload: Uint8Array): Uint8Array =>
  bytes(
    '45 00',
    u16(20 + payload.length),
    '12 34 40 00 40',
    [proto],
    '00 00 0a 00 00 01 0a 00 00 02',
    payload,
  );
const overIp = (proto: number, payload: Uint8Array): Uint8Array => ethernet('08 00', ip4(proto, payload));
const udp = (port: number, payload: Uint8Array): Uint8Array =>
  overIp(17, bytes('9c 40', u16(port), u16(8 + payload.length), '00 00', payload));
/** Each from a port of its own: tshark takes the same bytes of a stream for a retransmission. */
const tcp = (from: number, port: number, payload: Uint8Array): Uint8Array =>
  overIp(6, bytes(u16(from), u16(port), '00 00 00 01 00 00 00 02 50 18 20 00 00 00 00 00', payload));
const ieee8023 = (payload: Uint8Array): Uint8Array =>
  bytes('01 80 c2 00 00 00', A, u16(payload.length), payload, zeros(8));

const arp = ethernet('08 06', bytes('00 01 08 00 06 04 00 01', A, '0a 00 00 01', zeros(6), '0a 00 00 02'));
const bridges = `80 00 ${B} 00 00 00 04 80 01 ${A} 80 02 01 00 14 00 02 00 0f 00`;
const radius = (code: string, attributes: Uint8Array): Uint8Array =>
  bytes(
    code,
    '07',
    u16(20 + attributes.length),
    '00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff',
    attributes,
  );
const hello = bytes('03 03', zeros(32), '00 00 02 13 01 01 00 00 00');
const handshake = bytes('01 00', u16(hello.length), hello);

const ETHERNET: readonly Uint8Array[] = [
  // IEEE 802.1D-2004 9.3: configuration, rapid, and topology change BPDUs.
  ieee8023(bytes('42 42 03 00 00 00 00 01', bridges)),
  ieee8023(bytes('42 42 03 00 00 02 02 3c', bridges, '00')),
  ieee8023(bytes('42 42 03 00 00 00 80')),
  // IEEE 802.1AX 6.4.2.3
  bytes(
    '01 80 c2 00 00 02',
    A,
    '88 09 01 01',
    '01 14 80 00',
    A,
    '00 11 00 ff 00 01 3d 00 00 00',
    '02 14 80 00',
    B,
    '00 12 00 ff 00 02 3f 00 00 00',
    '03 10 00 00',
    zeros(12),
    '00 00',
    zeros(50),
  ),
  // RFC 9260 3.3: INIT, DATA with padding
  overIp(
    132,
    bytes('0b 59 0b 5a 00 00 00 00 12 34 56 78 01 00 00 14 de ad be ef 00 01 00 00 00 0a 08 00 00 00 00 07'),
  ),
  overIp(
    132,
    bytes('0b 59 0b 5a de ad be ef 12 34 56 78 00 03 00 13 00 00 00 07 00 01 00 02 00 00 00 03 61 62 63 00'),
  ),
  // RFC 8926: with and without an option
  udp(6081, bytes('00 00 65 58 00 00 64 00', arp)),
  udp(6081, bytes('02 40 65 58 00 00 65 00 01 02 80 01 de ad be ef', arp)),
  // 3GPP TS 29.281 5: G-PDU, and with a sequence number; echo request
  udp(2152, bytes('30 ff 00 1c 00 00 00 01', ip4(17, bytes('00 35 00 36 00 08 00 00')))),
  udp(2152, bytes('32 ff 00 20 00 00 00 02 00 05 00 00', ip4(17, bytes('00 35 00 36 00 08 00 00')))),
  udp(2152, bytes('32 01 00 04 00 00 00 00 00 06 00 00')),
  // RFC 4303
  overIp(50, bytes('00 00 10 01 00 00 00 2a', zeros(24))),
  // RFC 2865 4.1, RFC 2866 4.1
  udp(1812, radius('01', bytes('01 06 64 61 76 65 04 06 0a 00 00 01'))),
  udp(1813, radius('04', bytes('28 06 00 00 00 01 01 06 64 61 76 65'))),
  // RFC 8446 5.1: a ClientHello, and two records of data
  tcp(40001, 443, bytes('16 03 01', u16(handshake.length), handshake)),
  tcp(40002, 443, bytes('17 03 03 00 04 61 62 63 64 15 03 03 00 02 01 00')),
  // RFC 8200 4.4, 4.6: a routing header of type 0, destination options
  bytes(
    B,
    A,
    '86 dd 60 00 00 00 00 20 2b 40 fe 80',
    zeros(13),
    '01 fe 80',
    zeros(13),
    '02',
    '11 02 00 01 00 00 00 00 20 01 0d b8',
    zeros(11),
    '09',
    '9c 40 27 0f 00 08 00 00',
  ),
];

/** CACE PPI 1.0.7: 802.11-Common in front of a beacon. */
const PPI: readonly Uint8Array[] = [
  bytes(
    '00 00 20 00 69 00 00 00 02 00 14 00',
    '01 02 03 04 05 06 07 08',
    '00 00 02 00 6c 09 a0 00 00 00 d8 a0',
    '80 00 00 00 ff ff ff ff ff ff',
    A,
    A,
    '10 00',
    zeros(8),
    '64 00 11 04 00 04 74 65 73 74 01 01 82 03 01 0b',
  ),
];

/** Core 5.4, volume 4, part E, 7.7.65.2: one report in an HCI event, as a UART carries it. */
const advertisement = (type: string, address: string, rssi: string, data: Uint8Array): Uint8Array =>
  bytes('04 3e', [12 + data.length], '02 01', type, address, [data.length], data, rssi);
const RANDOM = '01 01 00 00 0a 00 c0';
const PUBLIC = '00 02 bb aa 21 1b 00';
const FLAGS = '02 01 06';
const EDDYSTONE = '03 03 aa fe';

/** Beacon formats by their published layouts; Core Specification Supplement, part A, for the rest. */
const BLE: readonly Uint8Array[] = [
  advertisement(
    '03',
    RANDOM,
    'c5',
    bytes(FLAGS, '1a ff 4c 00 02 15', '00112233445566778899aabbccddeeff 0102 0304 c5'),
  ),
  advertisement(
    '03',
    PUBLIC,
    '7f',
    bytes(FLAGS, '1b ff 18 01 be ac', '00112233445566778899aabbccddeeff 01020304 c6 07'),
  ),
  advertisement(
    '03',
    RANDOM,
    'b0',
    bytes(FLAGS, EDDYSTONE, '17 16 aa fe 00 ee 00112233445566778899 aabbccddeeff 0000'),
  ),
  advertisement('03', RANDOM, 'b1', bytes(FLAGS, EDDYSTONE, '0e 16 aa fe 10 ee 03 65 78 61 6d 70 6c 65 07')),
  advertisement(
    '03',
    RANDOM,
    'b2',
    bytes(FLAGS, EDDYSTONE, '11 16 aa fe 20 00 0b b8 17 80 00 00 00 64 00 00 27 10'),
  ),
  advertisement('03', RANDOM, 'b3', bytes(FLAGS, EDDYSTONE, '0d 16 aa fe 30 ee 0011223344556677')),
  advertisement(
    '00',
    PUBLIC,
    'ba',
    bytes(FLAGS, '05 09 6c 61 6d 70', '02 0a f4', '03 19 c1 03', '05 03 0f 18 0a 18'),
  ),
  advertisement('04', PUBLIC, 'bb', bytes('05 08 6c 61 6d 70', '05 ff 59 00 01 02')),
];

/** Advertising reports that btmon recorded: 16 bytes of head, then records of 24 bytes and their data. */
function btmonReports(): Uint8Array[] {
  const path = resolve(import.meta.dirname, '../../../fixtures/captures/hil-tools-output/btmon.btsnoop');
  const file = readFileSync(path);
  const found: Uint8Array[] = [];
  for (let at = 16; at < file.length; ) {
    const body = at + 24;
    const end = body + file.readUInt32BE(at + 4);
    const isEvent = (file.readUInt32BE(at + 8) & 0xffff) === 3;
    if (isEvent && file[body] === 0x3e) found.push(bytes('04', file.subarray(body, end)));
    at = end;
  }
  return found;
}

/** Recorded frames that are files of their own, without a container. */
function singles(folder: string, ending: string): Uint8Array[] {
  const path = resolve(import.meta.dirname, '../../../fixtures/captures', folder);
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => Uint8Array.from(readFileSync(join(path, name))));
}

/** Writes the captures into `folder`; returns their paths. */
export function writeSynthetic(folder: string): string[] {
  const files: [name: string, linkType: number, frames: readonly Uint8Array[]][] = [
    ['synthetic-ethernet.pcap', 1, ETHERNET],
    ['synthetic-ppi.pcap', 192, PPI],
    ['synthetic-802.11.pcap', 105, IEEE80211],
    ['synthetic-ble.pcap', BLUETOOTH_HCI_H4, BLE],
    ['btmon.btsnoop', BLUETOOTH_HCI_H4, btmonReports()],
    ['lldpd-seeds.pcap', 1, singles('lldpd', '.raw')],
    ['radiotap-checks.pcap', 127, singles('radiotap', '.bin')],
  ];
  return files.map(([name, linkType, frames]) => {
    const path = join(folder, name);
    writeFileSync(path, pcapBytes(linkType, frames));
    return path;
  });
}
