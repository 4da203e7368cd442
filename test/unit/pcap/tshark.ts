import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';

/** What tshark says of a frame. */
export interface TsharkFrame {
  /** Seconds with nine digits after the point; null for a frame without a time. */
  time: string | null;
  length: number;
  captured: number;
  linkType: number;
  /** Of the frame's section; null in classic pcap. */
  interfaceId: number | null;
}

/** Wireshark numbers encapsulations in its own way (wiretap/wtap.h, WTAP_ENCAP_): the LINKTYPE_ of each. */
const LINK_TYPE_OF_ENCAPSULATION = new Map([
  [1, 1], // Ethernet
  [7, 101], // raw IP
  [15, 0], // NULL/loopback
  [20, 105], // IEEE 802.11
  [21, 119], // Prism
  [23, 127], // radiotap
  [24, 163], // AVS
  [25, 113], // Linux cooked
  [78, 192], // PPI
  [129, 228], // IPv4
  [130, 229], // IPv6
]);

const FIELDS = ['time_epoch', 'len', 'cap_len', 'encap_type', 'interface_id'];
const ARGUMENTS = ['-n', '-T', 'fields', ...FIELDS.flatMap((field) => ['-e', `frame.${field}`])];

export async function tsharkFrames(path: string): Promise<TsharkFrame[]> {
  const { stdout } = await promisify(execFile)('tshark', [...ARGUMENTS, '-r', path], {
    maxBuffer: 64 * 1024 * 1024,
  });
  return (
    stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split('\t'))
      // Wireshark also lists custom and unknown blocks, which have no encapsulation: they are no frames.
      .filter(([, , , encapsulation]) => encapsulation !== '')
      .map(([time, length, captured, encapsulation, interfaceId]) => ({
        time: time === '' ? null : time,
        length: Number(length),
        captured: Number(captured),
        linkType: LINK_TYPE_OF_ENCAPSULATION.get(Number(encapsulation)) ?? -1,
        interfaceId: interfaceId === '' ? null : Number(interfaceId),
      }))
  );
}

/** `capinfos -M` as a map from label to value, the first of each label. Throws when it complains. */
export function capinfos(path: string): Map<string, string> {
  const stdout = execFileSync('capinfos', ['-M', path], { encoding: 'utf8' });
  const info = new Map<string, string>();
  for (const line of stdout.split('\n')) {
    const [, label, value] = /^\s*([^:=]+?)\s*[:=]\s*(.*)$/.exec(line) ?? [];
    if (label !== undefined && !info.has(label)) info.set(label, value);
  }
  return info;
}
