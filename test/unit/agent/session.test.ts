import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { backoff } from '../../../agent/backoff.ts';
import type { Link } from '../../../agent/link.ts';
import { LOGIN_STEPS, type LoggedIn, type LoginStep } from '../../../agent/login.ts';
import { Session, type SessionOptions, type SessionState, TRANSITIONS } from '../../../agent/session.ts';
import { sleep } from '../../../platform/ports/clock.ts';
import { VirtualClock } from '../../../platform/sim/clock.ts';
import { seededRandom } from '../../../platform/sim/random.ts';
import { AirherdError } from '../../../protocol/errors.ts';

const address = { host: 'cloud.test', port: 8883 };
const link = { close: async () => {} } as unknown as Link;
const welcome = {
  v: 1 as const,
  timeMs: 1,
  claimed: true,
  maxPacket: 65536,
  window: 8,
  privacyClasses: [],
};

/** A session whose logins and open phases the test scripts. */
function setUp(script: {
  login?: (to: string, onStep: (step: LoginStep) => void) => Promise<LoggedIn>;
  serve?: SessionOptions['serve'];
}) {
  const clock = new VirtualClock(0);
  const states: SessionState[] = [];
  const failures: [code: string, retryInMs: number][] = [];
  const abort = new AbortController();
  const session = new Session({
    serial: 'AH0000000001',
    address,
    clock,
    random: seededRandom('session'),
    backoff: { minMs: 1000, maxMs: 64_000 },
    stableMs: 30_000,
    login: async (to, onStep) => {
      if (script.login) return script.login(to.host, onStep);
      for (const step of LOGIN_STEPS) onStep(step);
      return { link, welcome };
    },
    serve:
      script.serve ?? (async () => new AirherdError('cloud-unreachable', { ...address, detail: 'gone' })),
    onState: (state) => states.push(state),
    onFailure: (error, retryInMs) => failures.push([error.code, retryInMs]),
  });
  return { clock, session, states, failures, abort };
}

describe('session', () => {
  test('the table above the code is the code', () => {
    const source = readFileSync(new URL('../../../agent/session.ts', import.meta.url), 'utf8');
    const rows = [...source.matchAll(/^ \* \| (\w+) +\| .* \| ([\w, ]+?) *\|$/gm)].filter(
      ([, state]) => state !== 'state',
    );
    const table = Object.fromEntries(rows.map(([, state, next]) => [state, next.split(', ')]));
    expect(table).toEqual(TRANSITIONS);
  });

  test('goes through every state of a login, and back to idle with no timer left', async () => {
    const { abort, clock, session, states } = setUp({
      serve: (_, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(null))),
    });
    const run = session.run(abort.signal);
    await clock.advance(10);
    expect(session.state).toBe('open');
    abort.abort(new Error('stop'));
    await run;
    expect(states).toEqual([...LOGIN_STEPS, 'open', 'closing', 'idle']);
    expect(clock.timers).toBe(0);
  });

  test('stops at once while it backs off', async () => {
    const { abort, clock, session } = setUp({});
    const run = session.run(abort.signal);
    await clock.advance(0);
    expect(session.state).toBe('backoff');
    abort.abort(new Error('stop'));
    await run;
    expect(session.state).toBe('idle');
    expect(clock.timers).toBe(0);
  });

  test('waits longer after each failure, up to the bound, and starts anew after a stable session', async () => {
    let openForMs = 0;
    const { abort, clock, session, failures } = setUp({
      serve: (_, signal) =>
        sleep(clock, openForMs, signal).then(
          () => new AirherdError('cloud-unreachable', { ...address, detail: 'gone' }),
          () => null,
        ),
    });
    const run = session.run(abort.signal);
    for (let i = 0; i < 60; i++) await clock.advance(20_000);
    const delays = failures.map(([, delay]) => delay);
    delays.slice(0, 12).forEach((delay, i) => {
      expect(delay).toBeGreaterThanOrEqual(1000);
      expect(delay).toBeLessThanOrEqual(Math.min(64_000, 1000 * 2 ** i));
    });
    expect(Math.max(...delays)).toBeGreaterThan(16_000);
    openForMs = 30_000;
    while (session.state === 'backoff') await clock.advance(1000);
    const before = failures.length;
    await clock.advance(30_001);
    expect(failures[before][1]).toBe(1000);
    abort.abort(new Error('stop'));
    await run;
  });

  test.each(['cloud-unproven', 'cloud-certificate', 'login-refused', 'tls-refused'] as const)(
    'after %s the next attempt is far',
    async (code) => {
      const { abort, clock, session, failures } = setUp({
        login: async (_, onStep) => {
          onStep('dialing');
          throw new AirherdError(code, {});
        },
      });
      const run = session.run(abort.signal);
      await clock.advance(0);
      expect(failures).toHaveLength(1);
      expect(failures[0][1]).toBeGreaterThanOrEqual(32_000);
      abort.abort(new Error('stop'));
      await run;
    },
  );

  test('follows one redirect, and no second', async () => {
    const asked: string[] = [];
    const redirecting = (redirect?: string) => async (to: string, onStep: (step: LoginStep) => void) => {
      asked.push(to);
      for (const step of LOGIN_STEPS) onStep(step);
      const second = to === 'eu.cloud.test';
      return { link, welcome: { ...welcome, redirect: second ? redirect : 'mqtts://eu.cloud.test:9000' } };
    };
    const good = setUp({
      login: redirecting(),
      serve: (_, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(null))),
    });
    const goodRun = good.session.run(good.abort.signal);
    await good.clock.advance(0);
    expect(good.session.state).toBe('open');
    expect(asked).toEqual(['cloud.test', 'eu.cloud.test']);
    good.abort.abort(new Error('stop'));
    await goodRun;

    const loop = setUp({ login: redirecting('mqtts://cloud.test') });
    const loopRun = loop.session.run(loop.abort.signal);
    await loop.clock.advance(0);
    expect(loop.failures.map(([code]) => code)).toEqual(['login-refused']);
    loop.abort.abort(new Error('stop'));
    await loopRun;
  });

  test.each(['http://x', 'mqtts://', 'mqtts://x/path', 'mqtts://user@x', 'mqtt://x:1883', 'rm -rf'])(
    'refuses to be redirected to %s',
    async (redirect) => {
      const { abort, clock, session, failures } = setUp({
        login: async (_, onStep) => {
          for (const step of LOGIN_STEPS) onStep(step);
          return { link, welcome: { ...welcome, redirect } };
        },
      });
      const run = session.run(abort.signal);
      await clock.advance(0);
      expect(failures.map(([code]) => code)).toEqual(['login-refused']);
      abort.abort(new Error('stop'));
      await run;
    },
  );
});

describe('backoff', () => {
  test('is the same for one seed, and spreads different devices', () => {
    const delays = (seed: string) => {
      const each = backoff(seededRandom(seed), { minMs: 1000, maxMs: 60_000 });
      return Array.from({ length: 20 }, () => each.next().value);
    };
    expect(delays('a')).toEqual(delays('a'));
    const last = new Set(Array.from({ length: 100 }, (_, i) => delays(`device ${i}`)[19]));
    expect(last.size).toBeGreaterThan(90);
    expect(Math.max(...delays('a'))).toBeLessThanOrEqual(60_000);
  });
});
