/** Reads a capture with our reader, frame by frame, and says how many frames and bytes there were. */

import { CaptureReader } from '../../dist/packets/pcap/reader.js';
import { byteChunks } from '../../dist/platform/node/byte-chunks.js';

const reader = new CaptureReader();
const { frame } = reader;
let bytes = 0;
for await (const chunk of byteChunks(process.argv[2], new AbortController().signal)) {
  reader.feed(chunk);
  while (reader.next()) bytes += frame.end - frame.start;
}
console.log(JSON.stringify({ frames: frame.number, bytes, outcome: reader.end().kind }));
