import { decode as independentDecode } from 'cborg';
import { describe, expect, test } from 'vitest';
import { decodeDown, decodeUp, encode } from '../../protocol/codec.ts';
import { DOWN_TOPICS, type DownTopic, UP_STREAMS, type UpStream } from '../../protocol/topics.ts';
import { Cddl } from '../support/cddl.ts';
import { downExamples, gapExample, upExamples } from '../support/messages.ts';

const schema = new Cddl(new URL('../../protocol/schema.cddl', import.meta.url).pathname);

interface Case {
  rule: string;
  example: object;
  decode: (payload: Uint8Array) => { ok: true; message: object } | { ok: false };
}

const cases: Case[] = [
  ...UP_STREAMS.flatMap((stream: UpStream) =>
    upExamples[stream].map((example) => ({
      rule: `${stream}-up`,
      example,
      decode: (payload: Uint8Array) => decodeUp(stream, payload),
    })),
  ),
  { rule: 'gap-up', example: gapExample, decode: (payload) => decodeUp('clients', payload) },
  ...(Object.keys(downExamples) as Exclude<DownTopic, 'auth'>[]).flatMap((topic) =>
    downExamples[topic].map((example) => ({
      rule: `${topic}-down`,
      example,
      decode: (payload: Uint8Array) => decodeDown(topic, payload),
    })),
  ),
];

/** Every place of a value, as a function that puts something else there. */
function* places(
  value: unknown,
  put: (v: unknown) => unknown,
): Generator<[unknown, (v: unknown) => unknown]> {
  yield [value, put];
  if (value instanceof Uint8Array) return;
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) yield* places(item, (v) => put(value.with(i, v)));
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) yield* places(item, (v) => put({ ...value, [key]: v }));
  }
}

/** Values of another type than `value`, and near misses. */
function replacements(value: unknown): unknown[] {
  const all: unknown[] = [
    '',
    'no such word',
    -1,
    2 ** 40,
    1.5,
    true,
    null,
    [],
    [null],
    {},
    new Uint8Array(5),
  ];
  if (typeof value === 'string') all.push(`${value}x`);
  if (value instanceof Uint8Array) all.push(new Uint8Array(value.length + 1), new Uint8Array(200_000));
  return all;
}

describe('wire contract', () => {
  test('every stream and topic has a rule, and every message rule a stream or topic', () => {
    const expected = [
      ...UP_STREAMS.map((stream) => `${stream}-up`),
      'gap-up',
      ...DOWN_TOPICS.filter((topic) => topic !== 'auth').map((topic) => `${topic}-down`),
    ];
    expect(schema.names.filter((name) => /-(up|down)$/.test(name)).sort()).toEqual(expected.sort());
  });

  test.each(cases)('$rule: what we encode is what the schema says', ({ rule, example, decode }) => {
    const payload = encode(example);
    const decoded = independentDecode(payload);
    expect(decoded).toEqual(example);
    expect(schema.check(rule, decoded)).toBeNull();
    const ours = decode(payload);
    expect(ours.ok && independentDecode(encode(ours.message))).toEqual(example);
  });

  test.each(cases)('$rule: what the schema refuses, we refuse', ({ rule, example, decode }) => {
    let refused = 0;
    for (const [value, put] of places(example, (v) => v)) {
      const changed = replacements(value).map(put);
      if (
        typeof value === 'object' &&
        value !== null &&
        !Array.isArray(value) &&
        !(value instanceof Uint8Array)
      ) {
        changed.push(put({ ...value, unknownKey: 1 }));
        for (const key of Object.keys(value)) {
          changed.push(put(Object.fromEntries(Object.entries(value).filter(([other]) => other !== key))));
        }
      }
      for (const message of changed) {
        if (message === undefined || schema.check(rule, message) === null) continue;
        refused++;
        expect(
          decode(encode(message as object)),
          `${schema.check(rule, message)}: ${JSON.stringify(message)}`,
        ).toMatchObject({ ok: false });
      }
    }
    expect(refused).toBeGreaterThan(20);
  });
});
