import type { Command } from 'commander';
import { dissectWithin } from '../../packets/dissect.ts';
import { Dissection } from '../../packets/dissection.ts';
import { Observer } from '../../packets/observe/observer.ts';
import type { CaptureInterface } from '../../packets/pcap/frame.ts';
import { CaptureReader } from '../../packets/pcap/reader.ts';
import { byteChunks } from '../../platform/node/byte-chunks.ts';
import { throwUnlessComplete } from '../../platform/node/capture-file.ts';
import { manufacturersOnDemand } from '../../platform/node/manufacturers.ts';
import { parseFields } from './observe/fields.ts';
import { observationsJson } from './observe/json.ts';
import { FrameCounter } from './observe/progress.ts';

/** Piped output is not cut. */
const WIDE = Number.POSITIVE_INFINITY;

export function observe(program: Command): void {
  program
    .command('observe')
    .description('who is in a capture: clients, wired hosts, neighbours, BLE devices')
    .argument('<file>', 'pcap or pcapng, or - for standard input')
    .option('--json', 'one JSON document, each field with the frame that it came from')
    .option(
      '--fields <list>',
      'only these fields of clients and hosts, comma-separated: mac,ip4,hostName',
      parseFields,
    )
    .option(
      '--tls-fingerprint',
      'also the JA4 fingerprint of TLS clients, from ClientHellos over TCP and QUIC',
    )
    .action(run);
}

interface Options {
  json?: boolean;
  fields?: string[];
  tlsFingerprint?: boolean;
}

async function run(path: string, options: Options): Promise<void> {
  const name = path === '-' ? 'standard input' : path;
  const derive = options.tlsFingerprint
    ? { tlsFingerprint: (await import('./observe/fingerprint.ts')).tlsFingerprintOf }
    : {};
  const observer = new Observer({ manufacturerOf: manufacturersOnDemand(), derive });
  const reader = new CaptureReader();
  await readAll(path, reader, observer);
  const outcome = reader.end();
  // What could be read of a damaged capture is shown, and then what is wrong with it.
  if (outcome.kind !== 'not-capture') {
    if (options.json) {
      console.log(observationsJson(observer, name, outcome.kind === 'complete', options.fields));
    } else {
      // What measures characters for tables takes as long to load as a small capture to read.
      const { observationTables } = await import('./observe/tables.ts');
      console.log(observationTables(observer, options.fields, process.stdout.columns ?? WIDE).join('\n'));
    }
  }
  throwUnlessComplete(outcome, name);
}

async function readAll(path: string, reader: CaptureReader, observer: Observer): Promise<void> {
  const d = new Dissection();
  const meta = { timeMs: 0, number: 0, interfaceName: '', originalLength: 0 };
  const { frame } = reader;
  let from: CaptureInterface | null = null;
  const counter = new FrameCounter();
  for await (const chunk of byteChunks(path, new AbortController().signal)) {
    reader.feed(chunk);
    while (reader.next()) {
      const { buffer, start, linkType, originalLength } = frame;
      if (frame.interface !== from) {
        from = frame.interface;
        meta.interfaceName = from.name ?? `interface ${from.id}`;
      }
      dissectWithin(d, buffer, start, frame.endWithoutFcs(), linkType, originalLength);
      meta.timeMs = frame.seconds * 1000 + frame.nanoseconds / 1e6;
      meta.number = frame.number;
      meta.originalLength = frame.originalLength;
      observer.frame(d, meta);
    }
    if (reader.fault !== null) break;
    counter.show(frame.number);
  }
  counter.clear();
}
