/** The agent's way of a frame, from a live interface: helper, decoding, observing, slicing. usage: agent.mjs IF SEND */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { FrameSlicer } from '../../dist/agent/features/frame-slicer.js';
import { dissect } from '../../dist/packets/dissect.js';
import { Dissection } from '../../dist/packets/dissection.js';
import { Observer } from '../../dist/packets/observe/observer.js';
import { nodeClock } from '../../dist/platform/node/clock.js';
import { LiveCapture } from '../../dist/platform/node/sources/live-capture.js';

const source = new LiveCapture({ interfaceName: process.argv[2], tool: 'dumpcap', clock: nodeClock });
const dissection = new Dissection();
const observer = new Observer();
const slicer = new FrameSlicer();
const abort = new AbortController();
/** CPU milliseconds and resident peak of a process. */
function usage(pid) {
  const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ').slice(11, 13);
  const peak = /VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return { cpuMs: (Number(user) + Number(system)) * 10, peakKib: Number(peak?.[1] ?? 0) };
}
let helper = { cpuMs: 0, peakKib: 0 };
createInterface({ input: process.stdin }).once('line', () => {
  // What is in pipe and ring is read first: until nothing has come for a second.
  let seen = -1;
  const timer = setInterval(() => {
    const { frames } = source.counts();
    if (frames > seen) {
      seen = frames;
      return;
    }
    clearInterval(timer);
    helper = usage(source.helperPid);
    abort.abort();
  }, 1000);
});
let open = false;
for await (const batch of source.frames(abort.signal)) {
  if (!open) console.log('open');
  open = true;
  for (const frame of batch) {
    dissect(dissection, frame.bytes, frame.linkType, frame.originalLength);
    const { number, interfaceName, originalLength } = frame;
    observer.frame(dissection, { timeMs: Number(frame.timeNs) / 1e6, number, interfaceName, originalLength });
    slicer.write(frame);
    if (slicer.length > 120 * 1024) slicer.takeSection();
  }
}
const { frames, droppedBy } = source.counts();
console.log(JSON.stringify({ frames, droppedBy, own: usage(process.pid), helper }));
process.exit(0);
