import { type Command, InvalidArgumentError } from 'commander';
import { LinkType } from '../../../packets/linktype.ts';
import type { CaptureInterface } from '../../../packets/pcap/frame.ts';
import { CaptureReader } from '../../../packets/pcap/reader.ts';
import { CaptureSummary, decimalSeconds } from '../../../packets/pcap/summary.ts';
import { byteChunks } from '../../../platform/node/byte-chunks.ts';
import { throwUnlessComplete } from '../../../platform/node/capture-file.ts';

interface InterfaceInfo {
  section: number;
  id: number;
  name: string | null;
  linkType: number;
  linkTypeName: string;
  snapLength: number;
  fcsLength: number | null;
  ticksPerSecond: string;
  frames: number;
  dropped: number | null;
}

/** What `airherd pcap info --json` prints. */
interface CaptureInfo {
  file: string;
  format: 'pcap' | 'pcapng' | null;
  /** Whether the file ends where a record ends and all of it could be read. */
  complete: boolean;
  frames: number;
  cutFrames: number;
  fileBytes: number;
  capturedBytes: number;
  originalBytes: number;
  /** Seconds since the epoch, nine digits after the point; null where no frame has a time. */
  earliest: string | null;
  latest: string | null;
  inTimeOrder: boolean;
  sections: number;
  interfaces: InterfaceInfo[];
}

export function pcapInfo(group: Command): void {
  group
    .command('info')
    .description('what a capture holds: frames, times, interfaces, and whether it is whole')
    .argument('<file>', 'pcap or pcapng, or - for standard input', file)
    .option('--json', 'as one JSON object')
    .action(run);
}

function file(value: string): string {
  if (value === '') throw new InvalidArgumentError('a file name is needed');
  return value;
}

async function run(path: string, options: { json?: boolean }): Promise<void> {
  const reader = new CaptureReader();
  const summary = new CaptureSummary();
  for await (const chunk of byteChunks(path, new AbortController().signal)) {
    reader.feed(chunk);
    while (reader.next()) summary.add(reader.frame);
    if (reader.fault !== null) break;
  }
  const outcome = reader.end();
  // What could be read of a damaged capture is shown, and then what is wrong with it.
  if (outcome.kind !== 'not-capture') {
    const info = describe(path, reader, summary, outcome.kind === 'complete', outcome.bytes);
    console.log(options.json ? JSON.stringify(info) : table(info));
  }
  throwUnlessComplete(outcome, path === '-' ? 'standard input' : path);
}

function describe(
  path: string,
  reader: CaptureReader,
  summary: CaptureSummary,
  complete: boolean,
  fileBytes: number,
): CaptureInfo {
  const { earliest, latest } = summary;
  return {
    file: path,
    format: reader.format,
    complete,
    frames: summary.frames,
    cutFrames: summary.cutFrames,
    fileBytes,
    capturedBytes: summary.capturedBytes,
    originalBytes: summary.originalBytes,
    earliest: earliest === null ? null : decimalSeconds(earliest),
    latest: latest === null ? null : decimalSeconds(latest),
    inTimeOrder: summary.inTimeOrder,
    sections: reader.sections,
    interfaces: reader.interfaces.map((of) => interfaceInfo(of, summary.framesOf(of))),
  };
}

function interfaceInfo(of: CaptureInterface, frames: number): InterfaceInfo {
  const { section, id, name, linkType, snapLength, fcsLength, dropped } = of;
  const known = Object.entries(LinkType).find(([, value]) => value === linkType);
  return {
    section,
    id,
    name,
    linkType,
    linkTypeName: known?.[0] ?? 'not decoded',
    snapLength,
    fcsLength,
    ticksPerSecond: String(of.ticksPerSecond),
    frames,
    dropped,
  };
}

function table(info: CaptureInfo): string {
  const lines: [string, string][] = [
    ['file', info.file],
    ['format', `${info.format}${info.complete ? '' : ', damaged'}`],
    ['size', `${info.fileBytes} bytes`],
    ['frames', `${info.frames}${info.cutFrames > 0 ? `, of which ${info.cutFrames} not whole` : ''}`],
    ['captured', `${info.capturedBytes} of ${info.originalBytes} bytes`],
    ['earliest', date(info.earliest)],
    ['latest', date(info.latest)],
    ['in time order', info.inTimeOrder ? 'yes' : 'no'],
    ...info.interfaces.map((of): [string, string] => [`interface ${of.section}.${of.id}`, interfaceLine(of)]),
  ];
  const width = Math.max(...lines.map(([label]) => label.length));
  return lines.map(([label, value]) => `${label.padEnd(width)}  ${value}`).join('\n');
}

function date(time: string | null): string {
  if (time === null) return 'none';
  const day = new Date(Math.floor(Number(time) * 1000));
  // Stamps may lie outside all calendars.
  return Number.isNaN(day.valueOf()) ? time : `${day.toISOString()}  (${time})`;
}

function interfaceLine(of: InterfaceInfo): string {
  const parts = [
    of.name === null ? '' : printable(of.name),
    `link type ${of.linkType} (${of.linkTypeName})`,
    of.snapLength === 0 ? 'no snap length' : `snap length ${of.snapLength}`,
    of.fcsLength === null ? '' : `FCS ${of.fcsLength} bytes`,
    `${of.ticksPerSecond} ticks/s`,
    `${of.frames} frames`,
    of.dropped === null ? '' : `${of.dropped} dropped`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** A name comes from the file: nothing in it may move the cursor. */
function printable(name: string): string {
  return name.replace(/\p{C}/gu, '?');
}
