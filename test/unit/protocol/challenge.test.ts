import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ChallengeContext,
  challengeAnswer,
  challengeProof,
  OPENING_LENGTH,
  openingMessage,
  parseOpening,
  verifyAnswer,
  verifyChallengeProof,
  verifyOpening,
} from '../../../protocol/challenge.ts';
import { deriveKey } from '../../../protocol/proof.ts';
import { FRAME_OVERHEAD, FrameOpener, FrameSealer, sessionKeys } from '../../../protocol/session-mac.ts';
import { parseToken, tokenPassword, verifyToken } from '../../../protocol/token.ts';
import { TopicLayout, topicTemplateProblem } from '../../../protocol/topic-layout.ts';

/** Computed with Python's hashlib and hmac: fixtures/manifest.json. */
const vector = JSON.parse(
  readFileSync(new URL('../../../fixtures/challenge-vector.json', import.meta.url), 'utf8'),
);
const hex = (text: string) => Buffer.from(text, 'hex');
const serial: string = vector.in.serialText;
const factoryKey = hex(vector.in.factoryKey);
const kDev = deriveKey(factoryKey, 'device-proof', serial);
const kCloud = deriveKey(factoryKey, 'cloud-proof', serial);
const context: ChallengeContext = {
  channelBinding: hex(vector.in.brokerSha256),
  serial,
  certificateSha256: hex(vector.in.certificateSha256),
  nonceDevice: hex(vector.in.nonceDevice),
};
const nonceCloud = hex(vector.in.nonceCloud);
const body = hex(vector.in.body);
const keys = sessionKeys(kDev, serial, context.nonceDevice, nonceCloud);

/** Every message that differs from `good` in one bit of one byte, or is cut short. */
function* spoilt(good: Buffer): Generator<Buffer> {
  for (let at = 0; at < good.length; at++) {
    const bad = Buffer.from(good);
    bad[at] ^= 1 << (at % 8);
    yield bad;
    yield good.subarray(0, at);
  }
  yield Buffer.concat([good, Buffer.of(0)]);
}

describe('challenge', () => {
  test('gives the known answers', () => {
    expect(openingMessage(kDev, context).toString('hex')).toBe(vector.out.opening);
    expect(challengeAnswer(kCloud, context, nonceCloud).toString('hex')).toBe(vector.out.answer);
    expect(challengeProof(kDev, context, nonceCloud).toString('hex')).toBe(vector.out.proof);
    expect(keys.up.toString('hex')).toBe(vector.out.sessionUp);
    expect(keys.down.toString('hex')).toBe(vector.out.sessionDown);
  });

  test('takes what is right, and nothing that differs from it in a bit or a byte', () => {
    const opening = openingMessage(kDev, context);
    expect(opening).toHaveLength(OPENING_LENGTH);
    const judge = (message: Buffer) => {
      const parsed = parseOpening(message);
      if (!parsed) return false;
      const { nonceDevice, certificateSha256, brokerSha256, hmac } = parsed;
      const claimed = { channelBinding: brokerSha256, serial, certificateSha256, nonceDevice };
      return verifyOpening(kDev, claimed, hmac);
    };
    expect(judge(opening)).toBe(true);
    for (const bad of spoilt(opening)) expect(judge(bad)).toBe(false);
    const answer = challengeAnswer(kCloud, context, nonceCloud);
    expect(verifyAnswer(kCloud, context, answer)?.equals(nonceCloud)).toBe(true);
    for (const bad of spoilt(answer)) expect(verifyAnswer(kCloud, context, bad)).toBeNull();
    const proof = challengeProof(kDev, context, nonceCloud);
    expect(verifyChallengeProof(kDev, context, nonceCloud, proof)).toBe(true);
    for (const bad of spoilt(proof)) {
      expect(verifyChallengeProof(kDev, context, nonceCloud, bad)).toBe(false);
    }
  });

  test('neither side can be given its own words back, and another broker or nonce makes both wrong', () => {
    const answer = challengeAnswer(kCloud, context, nonceCloud);
    const proof = challengeProof(kDev, context, nonceCloud);
    expect(verifyChallengeProof(kDev, context, nonceCloud, answer)).toBe(false);
    expect(verifyAnswer(kCloud, context, proof)).toBeNull();
    const others: Partial<ChallengeContext>[] = [
      { channelBinding: Buffer.alloc(32, 1) },
      { serial: 'AH0000000002' },
      { certificateSha256: Buffer.alloc(32, 1) },
      { nonceDevice: Buffer.alloc(16, 1) },
    ];
    for (const other of others) {
      expect(verifyAnswer(kCloud, { ...context, ...other }, answer)).toBeNull();
      expect(verifyChallengeProof(kDev, { ...context, ...other }, nonceCloud, proof)).toBe(false);
    }
    expect(verifyChallengeProof(kDev, context, Buffer.alloc(16, 1), proof)).toBe(false);
  });
});

describe('session MAC', () => {
  test('gives the known answers', () => {
    const up = new FrameSealer(keys.up);
    expect(up.seal('hello', body).toString('hex')).toBe(vector.out.firstUpHello);
    expect(up.seal('stats', body).toString('hex')).toBe(vector.out.secondUpStats);
    expect(new FrameSealer(keys.down).seal('welcome', body).toString('hex')).toBe(
      vector.out.firstDownWelcome,
    );
  });

  test('a frame opens once, in order, on its topic, with its key, whole', () => {
    const sealer = new FrameSealer(keys.up);
    const [one, two, three] = ['a', 'b', 'c'].map((text) => sealer.seal('stats', Buffer.from(text)));
    const opener = new FrameOpener(keys.up);
    expect(opener.open('stats', one)).toEqual({ ok: true, body: Buffer.from('a') });
    expect(opener.open('stats', one)).toEqual({ ok: false, why: 'replayed' });
    expect(opener.open('hello', two)).toEqual({ ok: false, why: 'forged' });
    for (const bad of spoilt(two)) expect(opener.open('stats', bad)).toEqual({ ok: false, why: 'forged' });
    expect(opener.open('stats', three)).toEqual({ ok: true, body: Buffer.from('c') });
    expect(opener.open('stats', two)).toEqual({ ok: false, why: 'replayed' });
    expect(new FrameOpener(keys.down).open('stats', one)).toEqual({ ok: false, why: 'forged' });
  });

  test('whatever is sealed comes out as it went in, whatever bytes are forged do not', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 300 }), (inner, noise) => {
        const opened = new FrameOpener(keys.up).open('rssi', new FrameSealer(keys.up).seal('rssi', inner));
        expect(opened).toEqual({ ok: true, body: Buffer.from(inner) });
        expect(new FrameOpener(keys.up).open('rssi', noise).ok).toBe(false);
      }),
      { numRuns: 200 },
    );
    expect(new FrameSealer(keys.up).seal('rssi', Buffer.alloc(0))).toHaveLength(FRAME_OVERHEAD);
  });
});

describe('token', () => {
  const fields = {
    timeMs: vector.in.tokenTimeMs,
    nonce: context.nonceDevice,
    certificateSha256: context.certificateSha256,
    brokerSha256: context.channelBinding,
  };

  test('gives the known answer, and is taken apart again', () => {
    const token = tokenPassword(kDev, serial, fields);
    expect(token).toBe(vector.out.tokenText);
    const parsed = parseToken(token)!;
    expect(parsed).toMatchObject({ timeMs: fields.timeMs });
    expect(verifyToken(kDev, serial, parsed)).toBe(true);
    expect(verifyToken(kCloud, serial, parsed)).toBe(false);
    expect(verifyToken(kDev, 'AH0000000002', parsed)).toBe(false);
  });

  test('a changed character is no token, or a wrong one', () => {
    const token = tokenPassword(kDev, serial, fields);
    for (let at = 0; at < token.length; at++) {
      const bad = `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
      const parsed = parseToken(bad);
      expect(parsed !== null && verifyToken(kDev, serial, parsed)).toBe(false);
      expect(parseToken(token.slice(0, at))).toBeNull();
    }
    for (const bad of ['', ' ', `${token}=`, `${token}A`, 'ü']) expect(parseToken(bad)).toBeNull();
  });
});

describe('topic layout', () => {
  test('fills its template, and takes apart what it filled', () => {
    const layout = new TopicLayout('dt/site-1/{name}/{serial}/{direction}');
    expect(layout.up(serial, 'hello')).toBe(`dt/site-1/hello/${serial}/tx`);
    expect(layout.downFilter(serial)).toBe(`dt/site-1/+/${serial}/rx`);
    expect(layout.upFilter()).toBe('dt/site-1/+/+/tx');
    expect(layout.parse(layout.up(serial, 'auth'))).toEqual({ direction: 'tx', serial, name: 'auth' });
    expect(layout.parse(layout.down(serial, 'ack'))).toEqual({ direction: 'rx', serial, name: 'ack' });
    for (const bad of ['', 'dt/site-2/hello/AH0000000001/tx', `dt/site-1/nothing/${serial}/tx`]) {
      expect(layout.parse(bad)).toBeNull();
    }
    expect(layout.parse(`dt/site-1/hello/${serial}/tx/more`)).toBeNull();
    expect(layout.parse(`dt/site-1/welcome/${serial}/tx`)).toBeNull();
    expect(layout.parse('dt/site-1/hello/+/tx')).toBeNull();
  });

  test.each([
    'ap/{serial}/{direction}',
    'ap/{serial}/{serial}/{direction}/{name}',
    'ap/x{serial}/{direction}/{name}',
    'ap//{serial}/{direction}/{name}',
    'ap/#/{serial}/{direction}/{name}',
    '{serial}/{direction}/{name}/+',
    'a/b/c/d/e/f/{serial}/{direction}/{name}',
    `${'a'.repeat(150)}/{serial}/{direction}/{name}`,
  ])('%s is no template', (template) => {
    expect(topicTemplateProblem(template)).not.toBeNull();
    expect(() => new TopicLayout(template)).toThrow(RangeError);
  });
});
