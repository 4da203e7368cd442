import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { certs } from '../../../cli/commands/certs.ts';
import { progressBar } from '../../../cli/progress-bar.ts';
import { sharedAuthority } from '../../support/authority.ts';

const home = mkdtempSync(join(tmpdir(), 'airherd-certs-command-'));
let printed: string[];

beforeAll(async () => {
  cpSync((await sharedAuthority()).dir, join(home, 'ca'), { recursive: true });
});
beforeEach(() => {
  printed = [];
  vi.stubEnv('AIRHERD_HOME', home);
  vi.spyOn(console, 'log').mockImplementation((line) => printed.push(String(line)));
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});
afterAll(() => rmSync(home, { recursive: true }));

async function airherd(...args: string[]): Promise<string> {
  printed = [];
  const program = new Command('airherd').exitOverride();
  certs(program);
  await program.parseAsync(args, { from: 'user' });
  return printed.join('\n');
}

describe('airherd certs', () => {
  test('init leaves an authority that is there as it is', async () => {
    const before = await airherd('certs', 'show', '--json');
    await expect(airherd('certs', 'init')).rejects.toMatchObject({ code: 'ca-exists' });
    expect(await airherd('certs', 'show', '--json')).toBe(before);
  });

  test('show names the certificates and what servers may be called; allow adds to that', async () => {
    const shown = JSON.parse(await airherd('certs', 'show', '--json'));
    expect(shown.certificates.map(({ name }: { name: string }) => name)).toEqual([
      'root',
      'devices',
      'servers',
    ]);
    expect(shown.serverNames).toContain('localhost');
    const text = await airherd('certs', 'show');
    for (const { sha256 } of shown.certificates) expect(text).toContain(sha256);
    const allowed = JSON.parse(await airherd('certs', 'allow', 'example.net', '203.0.113.7', '--json'));
    expect(new Set(allowed.serverNames)).toEqual(
      new Set([...shown.serverNames, 'example.net', '203.0.113.7/32']),
    );
    expect(allowed.certificates[0]).toEqual(shown.certificates[0]);
    await expect(airherd('certs', 'allow', 'not a name')).rejects.toMatchObject({ code: 'usage-invalid' });
  });
});

describe('progress bar', () => {
  function fakeTerminal(isTTY: boolean): { text: () => string; stream: NodeJS.WriteStream } {
    let text = '';
    const stream = { isTTY, write: (part: string) => (text += part) };
    // a terminal as far as the bar is concerned
    return { text: () => text, stream: stream as unknown as NodeJS.WriteStream };
  }

  test('is one line that is rewritten, ends full, and is cleared', () => {
    const { text, stream } = fakeTerminal(true);
    const bar = progressBar('identities', stream);
    bar.show(0, 200);
    bar.show(200, 200);
    bar.clear();
    expect(text()).not.toContain('\n');
    expect(text()).toContain(`\r\x1b[Kidentities [${'.'.repeat(30)}] 0/200`);
    expect(text()).toContain(`identities [${'#'.repeat(30)}] 200/200`);
    expect(text().endsWith('\r\x1b[K')).toBe(true);
  });

  test('is silent where there is no terminal', () => {
    const { text, stream } = fakeTerminal(false);
    const bar = progressBar('identities', stream);
    bar.show(200, 200);
    bar.clear();
    expect(text()).toBe('');
  });
});
