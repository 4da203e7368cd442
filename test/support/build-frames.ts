/** Frames made by hand for tests, from the standards' own layouts; every length and checksum is right. */

export const cat = (...parts: (Uint8Array | readonly number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]));
export const hex = (text: string): Uint8Array =>
  Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
export const be16 = (n: number): number[] => [(n >> 8) & 0xff, n & 0xff];
export const le16 = (n: number): number[] => [n & 0xff, (n >> 8) & 0xff];

/** RFC 1071 */
export function internetChecksum(...parts: (Uint8Array | readonly number[])[]): number {
  const bytes = cat(...parts);
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i] << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

export const MAC_A = hex('021122334455');
export const MAC_B = hex('0266778899aa');
export const IP_A = [10, 1, 0, 1];
export const IP_B = [10, 1, 0, 2];

export const ethernetFrame = (type: number, payload: Uint8Array, dst = MAC_B, src = MAC_A): Uint8Array =>
  cat(dst, src, be16(type), payload);

export interface Ipv4Choice {
  fragment?: number;
  options?: readonly number[];
  src?: readonly number[];
  dst?: readonly number[];
}

export function ipv4Packet(protocol: number, payload: Uint8Array, choice: Ipv4Choice = {}): Uint8Array {
  const { fragment = 0, options = [], src = IP_A, dst = IP_B } = choice;
  const length = 20 + options.length;
  const header = cat(
    [
      0x40 | (length / 4),
      0,
      ...be16(length + payload.length),
      0x12,
      0x34,
      ...be16(fragment),
      64,
      protocol,
      0,
      0,
    ],
    src,
    dst,
    options,
  );
  header.set(be16(internetChecksum(header)), 10);
  return cat(header, payload);
}

const pseudo = (
  protocol: number,
  length: number,
  src: readonly number[],
  dst: readonly number[],
): number[] => [...src, ...dst, 0, protocol, ...be16(length)];

export function udpDatagram(
  srcPort: number,
  dstPort: number,
  payload: Uint8Array,
  src: readonly number[] = IP_A,
  dst: readonly number[] = IP_B,
): Uint8Array {
  const length = 8 + payload.length;
  const datagram = cat(be16(srcPort), be16(dstPort), be16(length), [0, 0], payload);
  datagram.set(be16(internetChecksum(pseudo(17, length, src, dst), datagram) || 0xffff), 6);
  return datagram;
}

export function tcpSegment(flags: number, payload: Uint8Array, options: readonly number[] = []): Uint8Array {
  const header = cat(
    be16(40000),
    be16(23),
    [0, 0, 0, 1, 0, 0, 0, flags === 2 ? 0 : 1],
    [((20 + options.length) / 4) << 4, flags, 0xff, 0, 0, 0, 0, 0, ...options],
  );
  const segment = cat(header, payload);
  segment.set(be16(internetChecksum(pseudo(6, segment.length, IP_A, IP_B), segment)), 16);
  return segment;
}

/** 802.11 data frame of an infrastructure network; `flags` is the second byte of Frame Control. */
export const dataFrame = (
  flags: number,
  a1: Uint8Array,
  a2: Uint8Array,
  a3: Uint8Array,
  body: Uint8Array,
  sequence = 0,
): Uint8Array => cat([0x08, flags, 0, 0], a1, a2, a3, le16(sequence << 4), body);

/** 802.11 management frame, `subtype` as in Frame Control. */
export const managementFrame = (
  subtype: number,
  da: Uint8Array,
  sa: Uint8Array,
  bssid: Uint8Array,
  body: Uint8Array,
  sequence = 0,
): Uint8Array => cat([subtype << 4, 0, 0, 0], da, sa, bssid, le16(sequence << 4), body);

export const snap = (etherType: number): Uint8Array => cat(hex('aaaa03000000'), be16(etherType));

/** Radiotap with Flags, Rate, Channel and antenna signal; `flags` 0x10 says that an FCS follows. */
export const radiotap = (frame: Uint8Array, flags = 0, rssiDbm = -50): Uint8Array =>
  cat([0, 0, 16, 0], [0x2e, 0, 0, 0], [flags, 12], [0x6c, 0x09, 0xa0, 0], [rssiDbm & 0xff, 0], frame);
