import { readFileSync } from 'node:fs';
import { basename, relative } from 'node:path';
import { dissect } from '../../../packets/dissect.ts';
import { Dissection } from '../../../packets/dissection.ts';
import { protocolOfLinkType } from '../../../packets/linktype.ts';
import { CaptureReader } from '../../../packets/pcap/reader.ts';
import { Proto } from '../../../packets/protocols.ts';
import { tsharkFields } from '../tshark.ts';
import { isBluetooth } from './fields-ble.ts';
import { ours, type Protocol, theirs } from './protocol.ts';

export interface Difference {
  capture: string;
  frame: number;
  protocol: string;
  field: string;
  ours: string[];
  theirs: string[];
  /** Our decoder stopped in this protocol's layer. */
  isFaulty: boolean;
  /** Whether tshark calls the frame malformed. */
  malformed: boolean;
  /** frame.protocols, what tshark found in the frame. */
  stack: string;
}

export interface Tally {
  /** Frames in which either found the protocol. */
  frames: number;
  /** Fields of frames in which either had a value. */
  compared: number;
  equal: number;
}

export interface Comparison {
  tallies: Map<string, Tally>;
  differences: Difference[];
  frames: number;
  /** Frames of link types that are not decoded. */
  skipped: number;
}

/** Compares all `captures` (below `root`) with tshark, two at a time. */
export async function compareAll(
  root: string,
  captures: readonly string[],
  protocols: readonly Protocol[],
): Promise<Comparison> {
  const total: Comparison = {
    tallies: new Map(protocols.map(({ name }) => [name, { frames: 0, compared: 0, equal: 0 }])),
    differences: [],
    frames: 0,
    skipped: 0,
  };
  const queue = [...captures];
  const work = async (): Promise<void> => {
    for (let path = queue.shift(); path !== undefined; path = queue.shift())
      await compareOne(total, root, path, protocols);
  };
  await Promise.all([work(), work()]);
  total.differences.sort((a, b) =>
    a.capture === b.capture ? a.frame - b.frame : a.capture < b.capture ? -1 : 1,
  );
  return total;
}

const EXTRA = ['_ws.malformed', 'frame.protocols', 'frame.encap_type'];
const ENCAPSULATION = 2;

async function compareOne(
  total: Comparison,
  root: string,
  path: string,
  protocols: readonly Protocol[],
): Promise<void> {
  const names = [...new Set(protocols.flatMap(({ fields }) => fields.map(({ name }) => name)))];
  const columns = new Map(names.map((name, i) => [name, i + EXTRA.length]));
  const all = await tsharkFields(path, [...EXTRA, ...names]);
  // tshark counts journal entries and custom blocks of pcapng as frames; they have no link type.
  const rows = all.filter((row) => row[ENCAPSULATION].length > 0);
  const inRoot = relative(root, path);
  const capture = inRoot.startsWith('..') ? basename(path) : inRoot;
  const d = new Dissection();
  const reader = new CaptureReader();
  reader.feed(readFileSync(path));
  while (reader.next()) {
    const { frame } = reader;
    const row = rows[frame.number - 1];
    if (row === undefined) throw new Error(`${capture}: tshark has no frame ${frame.number}`);
    if (protocolOfLinkType(frame.linkType) === Proto.none && !isBluetooth(frame.linkType)) {
      total.skipped++;
      continue;
    }
    total.frames++;
    // A copy: records are cached by the identity of the frame's bytes.
    dissect(d, frame.buffer.slice(frame.start, frame.endWithoutFcs()), frame.linkType, frame.originalLength);
    for (const protocol of protocols) {
      const tally = total.tallies.get(protocol.name);
      if (tally === undefined || protocol.where?.(row[1].join()) === false) continue;
      let isThere = protocol.isIn(d);
      for (const field of protocol.fields) {
        const said = row[columns.get(field.name) ?? 0].map((value) => theirs(field.kind, value));
        const read = field.values(d).map((value) => ours(field.kind, value));
        if (said.length === 0 && read.length === 0) continue;
        isThere = true;
        tally.compared++;
        if (said.length === read.length && said.every((value, i) => value === read[i])) {
          tally.equal++;
          continue;
        }
        total.differences.push({
          capture,
          frame: frame.number,
          protocol: protocol.name,
          field: field.name,
          ours: read,
          theirs: said,
          isFaulty: d.fault?.layer === protocol.layer,
          malformed: row[0].length > 0,
          stack: row[1].join(),
        });
      }
      if (isThere) tally.frames++;
    }
  }
  if (reader.frame.number !== rows.length)
    throw new Error(`${capture}: ${reader.frame.number} frames, tshark has ${rows.length}`);
}
