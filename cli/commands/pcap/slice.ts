import { open, readFile, stat } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { OutputBuffer } from '../../../packets/pcap/output.ts';
import { CaptureReader } from '../../../packets/pcap/reader.ts';
import {
  CONTROL_PROTOCOLS,
  type ControlProtocol,
  SLICE_MODES,
  type SliceMode,
} from '../../../packets/slice/options.ts';
import { SlicedWriter } from '../../../packets/slice/sliced-writer.ts';
import { Slicer } from '../../../packets/slice/slicer.ts';
import { consentInForce, readConsent } from '../../../packets/trigger/consent.ts';
import { byteChunks } from '../../../platform/node/byte-chunks.ts';
import { throwUnlessComplete } from '../../../platform/node/capture-file.ts';
import { AirherdError } from '../../../protocol/errors.ts';

interface Options {
  mode: SliceMode;
  control: string;
  ssid: 'zero' | 'keep';
  ts: 'keep' | 'zero';
  consent?: string;
  json?: boolean;
}

/** What `airherd pcap slice --json` prints. */
interface SliceReport {
  input: string;
  output: string;
  mode: SliceMode;
  frames: number;
  bytesSeen: number;
  bytesKept: number;
  /** Frames by what their comment says. */
  flags: Record<string, number>;
}

export function pcapSlice(group: Command): void {
  group
    .command('slice')
    .description('copy a capture without its payload: headers only, as pcapng')
    .argument('<input>', 'pcap or pcapng, or - for standard input')
    .argument('<output>', 'pcapng to write, or - for standard output')
    .addOption(new Option('--mode <mode>', 'how much is kept').choices(SLICE_MODES).default('strict'))
    .option('--control <protocols>', `in control mode, of ${CONTROL_PROTOCOLS.join(',')}`, '')
    .addOption(new Option('--ssid <choice>', 'network names').choices(['zero', 'keep']).default('zero'))
    .addOption(new Option('--ts <choice>', 'TCP timestamps').choices(['keep', 'zero']).default('keep'))
    .option(
      '--consent <file>',
      'record of the customer’s consent, JSON with id, purpose, until; needed for full',
    )
    .option('--json', 'report as one JSON object')
    .action(run);
}

async function run(input: string, output: string, options: Options): Promise<void> {
  const control = controlProtocols(options);
  if (options.mode === 'full') await requireConsent(options.consent);
  const slicer = new Slicer({ mode: options.mode, control, ssid: options.ssid, ts: options.ts });
  const buffer = new OutputBuffer(2 * WRITE_BYTES);
  const writer = new SlicedWriter(slicer, buffer);
  const reader = new CaptureReader();
  await refuseSameFile(input, output);
  let sink: Promise<Sink> | null = null;
  let isOpen = false;
  let writing = Promise.resolve();
  const chunks = byteChunks(input, new AbortController().signal);
  try {
    // Each chunk is asked for before the one in front of it is sliced.
    for (let reading = chunks.next(); ; ) {
      const { done, value: chunk } = await reading;
      if (done) break;
      reading = chunks.next();
      reading.catch(() => undefined);
      reader.feed(chunk);
      let isFrame = reader.next();
      // What is not a capture leaves an existing output alone.
      if (reader.fault?.kind === 'not-capture') break;
      if (sink === null) {
        sink = openOutput(output);
        writing = sink.then(() => {
          isOpen = true;
        });
        // Awaited below, but not before it may fail.
        writing.catch(() => undefined);
      }
      for (; isFrame; isFrame = reader.next()) writer.write(reader.frame);
      // A short chunk comes from a pipe that someone may be watching the end of.
      const isUrgent = chunk.length < FULL_PIPE_BYTES;
      if (isUrgent || buffer.length >= (isOpen ? WRITE_BYTES : MOST_WHILE_OPENING)) {
        await writing;
        writing = (await sink).write(buffer.take());
        writing.catch(() => undefined);
      }
      if (reader.fault !== null) break;
    }
    await writing;
    await (await sink)?.write(buffer.pending());
  } finally {
    await writing.catch(() => undefined);
    await (await sink?.catch(() => null))?.close();
  }
  const outcome = reader.end();
  if (outcome.kind === 'not-capture') throwUnlessComplete(outcome, nameOf(input));
  const { frames, bytesSeen, bytesKept } = writer;
  const report: SliceReport = {
    input,
    output,
    mode: options.mode,
    frames,
    bytesSeen,
    bytesKept,
    flags: writer.summary(),
  };
  const print = output === '-' ? console.error : console.log;
  print(options.json ? JSON.stringify(report) : text(report));
  throwUnlessComplete(outcome, nameOf(input));
}

/** Written at a time, while the next is being made. */
const WRITE_BYTES = 1024 * 1024;
/** To open a large file anew takes as long as emptying it does; so much may be sliced meanwhile. */
const MOST_WHILE_OPENING = 16 * 1024 * 1024;
/** What a pipe gives at once when it was full. */
const FULL_PIPE_BYTES = 64 * 1024;

const nameOf = (input: string): string => (input === '-' ? 'standard input' : input);

async function refuseSameFile(input: string, output: string): Promise<void> {
  if (input === '-' || output === '-') return;
  const [from, to] = await Promise.all([input, output].map((path) => stat(path).catch(() => null)));
  if (from !== null && to !== null && from.ino === to.ino && from.dev === to.dev && from.isFile()) {
    throw new AirherdError('usage-invalid', { detail: 'input and output are the same file' });
  }
}

interface Sink {
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

async function openOutput(path: string): Promise<Sink> {
  if (path === '-') {
    return {
      write: (bytes) =>
        new Promise((resolve, reject) => {
          process.stdout.write(bytes, (error) => (error ? reject(error) : resolve()));
        }),
      close: () => Promise.resolve(),
    };
  }
  const file = await open(path, 'w', 0o600).catch((error: Error) => {
    throw new AirherdError('usage-invalid', { detail: `cannot write ${path}: ${error.message}` });
  });
  return {
    write: async (bytes) => {
      for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
    },
    close: () => file.close(),
  };
}

function controlProtocols({ mode, control }: Options): ControlProtocol[] {
  const names = control.split(',').filter((name) => name !== '');
  const unknown = names.filter((name) => !CONTROL_PROTOCOLS.some((known) => known === name));
  if (unknown.length > 0) {
    const detail = `--control knows ${CONTROL_PROTOCOLS.join(', ')}; not ${unknown.join(', ')}`;
    throw new AirherdError('usage-invalid', { detail });
  }
  if (names.length > 0 && mode !== 'control') {
    throw new AirherdError('usage-invalid', { detail: '--control needs --mode control' });
  }
  return CONTROL_PROTOCOLS.filter((known) => names.includes(known));
}

async function requireConsent(path: string | undefined): Promise<void> {
  if (path === undefined) {
    throw new AirherdError('consent-missing', {
      detail: 'full keeps payload; name the customer’s record with --consent',
    });
  }
  const content = await readFile(path, 'utf8').catch((error: Error) => {
    throw new AirherdError('input-missing', { path, detail: error.message });
  });
  const consent = readConsent(content);
  if (consent === null) {
    throw new AirherdError('consent-missing', { detail: `${path} does not name id, purpose and until` });
  }
  if (!consentInForce(consent, Date.now())) {
    throw new AirherdError('consent-missing', { detail: `${path} ended at ${consent.until}` });
  }
}

function text({ output, frames, bytesSeen, bytesKept, flags }: SliceReport): string {
  const percent = bytesSeen === 0 ? 0 : (100 * bytesKept) / bytesSeen;
  const rows = Object.entries(flags).map(([flag, count]) => `  ${String(count).padStart(8)}  ${flag}`);
  const head = `${output}: ${frames} frames, ${bytesKept} of ${bytesSeen} bytes kept (${percent.toFixed(1)} %)`;
  return [head, ...rows].join('\n');
}
