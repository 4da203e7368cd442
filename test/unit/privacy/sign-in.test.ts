import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SignIn } from '../../../cloud-stub/people/sign-in.ts';
import { Throttle } from '../../../cloud-stub/people/throttle.ts';
import { openRegistry, type Registry } from '../../../cloud-stub/registry/registry.ts';
import { nodeClock } from '../../../platform/node/clock.ts';
import { nodeRandom } from '../../../platform/node/random.ts';
import { VirtualClock } from '../../../platform/sim/clock.ts';

let dir: string;
let registry: Registry;
let signIn: SignIn;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'airherd-sign-in-'));
  registry = openRegistry(dir, { random: nodeRandom, clock: nodeClock });
  signIn = new SignIn({ users: registry.users, clock: nodeClock, random: nodeRandom });
  const passwordHash = await signIn.passwords.hash('the right one');
  for (const email of ['known@example.org', 'second@example.org']) {
    registry.users.add({ kind: 'person', email, name: '', passwordHash, privileges: [] });
  }
  const { id } = registry.users.findByEmail('second@example.org') ?? { id: '' };
  registry.users.setTwoFactor(id, { secret: Buffer.alloc(20, 1), on: true, usedStep: 0 });
});
afterAll(() => {
  registry.close();
  rmSync(dir, { recursive: true, force: true });
});

describe('who guesses learns nothing from the work that is done', () => {
  /** Hashes that each attempt costs: counted, since times tell more of the machine than of the code. */
  async function costs(
    email: string,
    password: string,
    attempts: number,
    address: string,
  ): Promise<number[]> {
    const cost: number[] = [];
    for (let i = 0; i < attempts; i++) {
      const before = signIn.passwords.worked;
      await signIn.attempt({ email, password, twoFactor: '000000', address });
      cost.push(signIn.passwords.worked - before);
    }
    return cost;
  }

  test('whether there is an account, and whether it has a second factor: the same hashes, throttled at the same attempt', async () => {
    const expected = [1, 1, 1, 1, 1, 0];
    expect(await costs('nobody@example.org', 'wrong', 6, '192.0.2.1')).toEqual(expected);
    expect(await costs('known@example.org', 'wrong', 6, '192.0.2.2')).toEqual(expected);
    expect(await costs('second@example.org', 'wrong', 6, '192.0.2.3')).toEqual(expected);
  });

  test('a right password with wrong codes is throttled as well', async () => {
    const other = new SignIn({ users: registry.users, clock: nodeClock, random: nodeRandom });
    const answers: string[] = [];
    for (let i = 0; i < 6; i++) {
      const answer = await other.attempt({
        email: 'second@example.org',
        password: 'the right one',
        twoFactor: '000000',
        address: '192.0.2.4',
      });
      answers.push(answer.ok ? 'in' : answer.why);
    }
    expect(answers).toEqual(['wrong', 'wrong', 'wrong', 'wrong', 'wrong', 'throttled']);
  });

  test('failures are forgotten after a quarter of an hour, each by itself; a success forgets them at once', async () => {
    const clock = new VirtualClock(0);
    const throttle = new Throttle(clock, 2);
    throttle.failed('a');
    await clock.advance(60_000);
    throttle.failed('a');
    expect([throttle.waitMs('a'), throttle.waitMs('b')]).toEqual([14 * 60_000, 0]);
    await clock.advance(14 * 60_000);
    expect(throttle.waitMs('a')).toBe(0);
    throttle.failed('a');
    expect(throttle.waitMs('a')).toBe(60_000);
    throttle.succeeded('a');
    expect(throttle.waitMs('a')).toBe(0);
  });
});
