/**
 * Large captures out of small recorded ones: they are repeated, each time with other times, addresses and
 * ports, checksums kept as right or wrong as they were. Recordings of broken frames, made to crash decoders,
 * are left out: they would be most of the frames.
 */
import { closeSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { PcapWriter } from '../../dist/packets/pcap/pcap-writer.js';
import { CaptureReader } from '../../dist/packets/pcap/reader.js';

const CAPTURES = join(import.meta.dirname, '../../fixtures/captures');
const BROKEN = /asan|oobr|infinite-loop|heapoverflow|too-long|malformed|invalid|extract_read/;
const START_SECONDS = 1_700_000_000;

/** All frames of one link type, in the order of their files' names. */
function recordedFrames(linkType) {
  const frames = [];
  const names = readdirSync(CAPTURES, { recursive: true }).sort();
  for (const name of names) {
    if (!name.endsWith('.pcap') || BROKEN.test(name)) continue;
    const reader = new CaptureReader();
    reader.feed(readFileSync(join(CAPTURES, name)));
    while (reader.next()) {
      const { frame } = reader;
      if (frame.linkType !== linkType) continue;
      frames.push({ bytes: Uint8Array.from(frame.bytes()), originalLength: frame.originalLength });
    }
  }
  return frames;
}

/** Writes at least `size` bytes of microsecond pcap. Returns how many frames and bytes there are. */
export function writeCorpus(path, linkType, size) {
  const frames = recordedFrames(linkType);
  const writer = new PcapWriter({ linkType });
  const { output } = writer;
  const fd = openSync(path, 'w');
  let count = 0;
  let bytes = 0;
  for (let round = 1; bytes < size; round++) {
    for (const { bytes: original, originalLength } of frames) {
      const frame = Uint8Array.from(original);
      if (linkType === 1) readdressEthernet(frame, round);
      const microseconds = count * 37;
      writer.frame(
        START_SECONDS + Math.floor(microseconds / 1e6),
        (microseconds % 1e6) * 1000,
        frame,
        0,
        frame.length,
        originalLength,
      );
      count++;
      if (output.length > 1 << 20) bytes += flush(fd, output);
    }
  }
  bytes += flush(fd, output);
  closeSync(fd);
  return { path, frames: count, bytes };
}

function flush(fd, output) {
  const pending = output.pending();
  writeSync(fd, pending);
  output.clear();
  return pending.length;
}

/** Stations come from 32 groups: some two thousand, the same ones in a corpus of 50 MB and of 200. */
const GROUP_MASK = 0x1f;

function readdressEthernet(frame, round) {
  const group = round & GROUP_MASK;
  for (const at of [0, 6]) if ((frame[at] & 1) === 0) frame[at + 3] ^= group;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length >= 34 && view.getUint16(12) === 0x0800 && frame[14] >>> 4 === 4)
    readdressIpv4(view, group, round);
}

/** RFC 1624: a checksum follows a change of a word without a look at the rest. */
function change16(view, at, value, checksums) {
  const before = view.getUint16(at);
  view.setUint16(at, value);
  for (const checksum of checksums) {
    const old = view.getUint16(checksum);
    // Zero is "none" in UDP.
    if (old === 0) continue;
    let sum = (~old & 0xffff) + (~before & 0xffff) + value;
    sum = (sum & 0xffff) + (sum >>> 16);
    sum = (sum & 0xffff) + (sum >>> 16);
    view.setUint16(checksum, ~sum & 0xffff);
  }
}

function readdressIpv4(view, group, round) {
  const transport = 14 + (view.getUint8(14) & 0xf) * 4;
  const protocol = view.getUint8(23);
  const first = (view.getUint16(20) & 0x1fff) === 0;
  const checksum = protocol === 6 ? transport + 16 : protocol === 17 ? transport + 6 : -1;
  const hasPorts = first && checksum > 0 && checksum + 2 <= view.byteLength;
  const checksums = hasPorts ? [24, checksum] : [24];
  for (const at of [26, 30]) {
    const top = view.getUint8(at);
    // Unset, multicast and broadcast addresses stay.
    if (top !== 0 && top < 224) change16(view, at, view.getUint16(at) ^ group, checksums);
  }
  if (!hasPorts) return;
  for (const at of [transport, transport + 2]) {
    const port = view.getUint16(at);
    // Ports that say which protocol it is stay.
    if (port >= 32_768) change16(view, at, 32_768 | ((port ^ round) & 0x7fff), [checksum]);
  }
}
