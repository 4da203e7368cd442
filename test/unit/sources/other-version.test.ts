/** Programs that answer in a way that is not known: one line that says so, and on as soon as they are as they were. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodeClock } from '../../../platform/node/clock.ts';
import { bridgeSource } from '../../../platform/node/sources/bridge.ts';
import { lldpdSource } from '../../../platform/node/sources/lldpd.ts';
import type { Finding } from '../../../platform/ports/finding.ts';
import type { Source } from '../../../platform/ports/source.ts';
import { AirherdError } from '../../../protocol/errors.ts';

const PATH = process.env.PATH;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'airherd-version-'));
  process.env.PATH = `${folder}:${PATH}`;
});
afterEach(() => {
  process.env.PATH = PATH;
  rmSync(folder, { recursive: true, force: true });
});

/** A program of this name that prints this, whatever it is asked. */
function says(program: string, text: string): void {
  const path = join(folder, program);
  writeFileSync(path, `#!/bin/sh\ncat <<'END'\n${text}\nEND\n`);
  chmodSync(path, 0o755);
}

/** What the source tells first, and its findings once `mend` has been done. */
async function interruptedThenMended(source: Source, mend: () => void) {
  const abort = new AbortController();
  let told: Error | undefined;
  source.watch?.({
    interrupted: (error) => {
      told = error;
      mend();
    },
    resumed: () => {},
  });
  const found: Finding[] = [];
  for await (const findings of source.findings?.(abort.signal) ?? []) {
    found.push(...findings);
    abort.abort();
  }
  return { told, found };
}

test('iproute2 that answers in words', async () => {
  says('ip', '2: br0: <BROADCAST,MULTICAST,UP> mtu 1500');
  says('bridge', '[]');
  const source = bridgeSource('br0', nodeClock, 50);
  const { told, found } = await interruptedThenMended(source, () =>
    says('ip', '[{"ifname":"br0"},{"ifname":"lan1","master":"br0","operstate":"UP"}]'),
  );
  expect(told).toMatchObject({ code: 'source-version' });
  expect(told?.message).toMatch(
    /^ip says what is not understood: 2: br0.*; airherd is tested with iproute2 6\.1$/,
  );
  expect(found).toEqual([expect.objectContaining({ kind: 'port', port: 'lan1', up: true })]);
});

test('lldpcli that answers in words', async () => {
  says('lldpcli', 'LLDP neighbors: none, and no JSON in this version');
  const neighbour =
    '{"lldp":[{"interface":[{"name":"eth0","chassis":[{"id":[{"type":"mac","value":"00:11:22:33:44:55"}],"name":[{"value":"sw"}]}],"port":[{"id":[{"type":"ifname","value":"ge-0/0/1"}],"ttl":[{"value":"120"}]}]}]}]}';
  const source = lldpdSource({ socket: '/nowhere', clock: nodeClock, periodMs: 50 });
  const { told, found } = await interruptedThenMended(source, () => says('lldpcli', neighbour));
  expect(told).toBeInstanceOf(AirherdError);
  expect(told).toMatchObject({ code: 'source-version' });
  expect(found).toEqual([expect.objectContaining({ kind: 'neighbour', port: 'eth0' })]);
});
