import { createReadStream } from 'node:fs';
import pcapParser, { type Packet } from 'pcap-parser';
import { describe, expect, test } from 'vitest';
import { captureBytes, capturePath, captures } from './capture-list.ts';
import { type ReadFrame, readAll } from './read-all.ts';
import { type TsharkFrame, tsharkFrames } from './tshark.ts';

/**
 * tshark 4.0 prints a fraction beyond one second as it stands; the surplus belongs into the seconds. The time is
 * not compared for these two files, whose subject that is; reader.test.ts has the values.
 */
const INVALID_TIMES = /timestamp_invalid_(micro|nano)\.pcap$/;

describe.concurrent('every capture, as tshark reads it', () => {
  test.each(captures)('%s', async (name) => {
    const expected = await tsharkFrames(capturePath(name));
    const { frames, outcome } = readAll([captureBytes(name)]);
    const classic = name.endsWith('.pcap');
    expect(frames.map((frame) => likeTshark(frame, classic, name))).toEqual(
      expected.map((frame) => (INVALID_TIMES.test(name) ? { ...frame, time: null } : frame)),
    );
    expect(outcome.kind).toBe('complete');
  });
});

function likeTshark(frame: ReadFrame, classic: boolean, name: string): TsharkFrame {
  const { time, length, captured, linkType, interfaceId } = frame;
  return {
    time: INVALID_TIMES.test(name) ? null : time,
    length,
    captured,
    linkType,
    interfaceId: classic ? null : interfaceId,
  };
}

/** pcap-parser knows the microsecond magic only. */
const microsecond = captures.filter((name) => {
  const magic = new DataView(captureBytes(name).buffer).getUint32(0, true);
  return magic === 0xa1b2c3d4;
});

test('the bytes and headers of every microsecond pcap, as pcap-parser reads them', async () => {
  expect(microsecond.length).toBeGreaterThan(80);
  for (const name of microsecond) {
    const expected = await parserPackets(capturePath(name));
    const { frames } = readAll([captureBytes(name)]);
    expect(frames.map(({ bytes }) => Buffer.from(bytes).toString('hex'))).toEqual(
      expected.map(({ data }) => data.toString('hex')),
    );
    expect(frames.map(({ captured, length }) => ({ captured, length }))).toEqual(
      expected.map(({ header }) => ({ captured: header.capturedLength, length: header.originalLength })),
    );
  }
});

function parserPackets(path: string): Promise<Packet[]> {
  return new Promise((resolve, reject) => {
    const packets: Packet[] = [];
    const parser = pcapParser.parse(createReadStream(path));
    parser.on('packet', (packet) => packets.push(packet));
    parser.on('end', () => resolve(packets));
    parser.on('error', reject);
  });
}
