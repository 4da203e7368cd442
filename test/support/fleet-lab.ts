import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import type { Authority } from '../../certs/authority.ts';
import { type Identity, saveIdentity } from '../../certs/identity.ts';
import { manufacture } from '../../certs/manufacture.ts';
import { registryEntryOf } from '../../certs/registry-entry.ts';
import { openRegistry } from '../../cloud-stub/index.ts';
import type { FleetReport } from '../../fleet/index.ts';
import { nodeClock } from '../../platform/node/clock.ts';
import { nodeRandom } from '../../platform/node/random.ts';
import { sharedAuthority } from './authority.ts';
import { type Compiled, compile } from './compiled.ts';

/** A home with devices that a cloud knows and somebody owns, and the command that runs a fleet of them. */
export interface FleetLab {
  readonly home: string;
  readonly compiled: Compiled;
  readonly authority: Authority;
  readonly identities: readonly Identity[];
  readonly orgId: string;
  readonly siteId: string;
  /** `airherd fleet run --json` against a port of this machine, under way. */
  fleet(port: number, args: string[]): FleetProcess;
  close(): void;
}

export interface FleetProcess {
  child: ChildProcess;
  ended: Promise<{ code: number | null; errors: string; report: FleetReport | null }>;
  /** What it has said on standard error so far. */
  errors(): string;
  /** Resolves when it has said `text`; rejects when it ends before. */
  says(text: string): Promise<void>;
  /** The same, of a run with `--prometheus 0`: when its metrics have these values. */
  counts(values: Record<string, number>): Promise<void>;
}

/** Longer than any machine takes; what is waited for comes much sooner. */
const COUNTS_MS = 50_000;

/** Values without labels of a Prometheus text, by their names in reports. */
const countsIn = (text: string): Record<string, number> =>
  Object.fromEntries(
    [...text.matchAll(/^airherd_fleet_(\w+?)(?:_total)? (\S+)$/gm)].map(([, name, value]) => [
      name,
      Number(value),
    ]),
  );

export async function fleetLab(devices: number): Promise<FleetLab> {
  const compiled = compile();
  const home = mkdtempSync(join(tmpdir(), 'airherd-fleet-'));
  const authority = await sharedAuthority();
  cpSync(authority.dir, join(home, 'ca'), { recursive: true });
  const identities = await manufacture({ kind: 'ap', count: devices, authority, nowMs: Date.now() });
  const registry = openRegistry(join(home, 'cloud'), { random: nodeRandom, clock: nodeClock });
  await registry.add(identities.map(registryEntryOf));
  const org = registry.organisations.ensure('Fleet');
  const site = registry.organisations.ensureSite(org.id, 'Site');
  for (const identity of identities) {
    registry.claim({ serial: identity.serial, orgId: org.id, siteId: site.id });
    await saveIdentity(join(home, 'devices', identity.serial), identity);
  }
  registry.close();
  const running = new Set<ChildProcess>();
  return {
    home,
    compiled,
    authority,
    identities,
    orgId: org.id,
    siteId: site.id,
    fleet(port, args) {
      const child = spawn(
        process.execPath,
        [compiled.main, 'fleet', 'run', '--json', '--cloud', `mqtts://127.0.0.1:${port}`, ...args],
        { env: { ...process.env, AIRHERD_HOME: home }, stdio: ['ignore', 'pipe', 'pipe'] },
      );
      running.add(child);
      let [out, errors] = ['', ''];
      child.stdout.on('data', (chunk) => {
        out += chunk;
      });
      child.stderr.on('data', (chunk) => {
        errors += chunk;
      });
      const closed = once(child, 'close').then(([code]) => {
        running.delete(child);
        return code as number | null;
      });
      const gone = closed.then(() => {
        throw new Error(`it ended before that: ${errors}`);
      });
      gone.catch(() => {});
      const says = async (text: string): Promise<void> => {
        while (!errors.includes(text)) await Promise.race([once(child.stderr, 'data'), gone]);
      };
      return {
        child,
        ended: closed.then((code) => ({
          code,
          errors,
          report: (out === '' ? null : JSON.parse(out)) as FleetReport | null,
        })),
        errors: () => errors,
        says,
        async counts(values) {
          await says('/metrics');
          const [url] = /http:\S+\/metrics/.exec(errors)!;
          const metrics = async () =>
            (await Promise.race([fetch(url).then((answer) => answer.text()), gone])) as string;
          await vi.waitFor(async () => expect(countsIn(await metrics())).toMatchObject(values), {
            timeout: COUNTS_MS,
            interval: 200,
          });
        },
      };
    },
    close() {
      for (const child of running) child.kill('SIGKILL');
      rmSync(home, { recursive: true, force: true });
    },
  };
}
