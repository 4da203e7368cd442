import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandTree } from '../../cli/program.ts';
import { type CodeBlock, codeBlocks, pages } from '../support/code-blocks.ts';
import { airherdCalls, faultOf } from '../support/command-line.ts';
import { compile } from '../support/compiled.ts';

/**
 * What the pages show is run: `sh` blocks of a page one after the other, in a home and a network of their own;
 * `ts` blocks are type-checked, and run as they are; `yaml` blocks go to the command that reads such files. Of `console` blocks,
 * which show what needs hardware, other hosts or somebody at the keyboard, the calls are checked.
 */
const root = resolve(import.meta.dirname, '../..');
const home = mkdtempSync(join(tmpdir(), 'airherd-docs-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const all = pages().flatMap(codeBlocks);
const of = (language: string) => all.filter((block) => block.language === language);
const name = ({ page, line }: CodeBlock) => `${page}:${line}`;

/** A folder as a reader has it: the fixtures of a checkout, and `airherd` on the path. */
function sandbox(label: string): { folder: string; run: (script: string) => ReturnType<typeof spawnSync> } {
  const folder = join(home, label.replace(/[/:]/g, '_'));
  mkdirSync(join(folder, 'bin'), { recursive: true });
  for (const part of ['fixtures', 'examples', 'package.json'])
    symlinkSync(join(root, part), join(folder, part));
  const { main } = compile();
  const command = (file: string, text: string) => {
    writeFileSync(join(folder, 'bin', file), `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder, 'bin', file), 0o755);
  };
  command('airherd', `exec ${process.execPath} ${main} "$@"`);
  command('npx', `test "$1" = airherd && shift; exec airherd "$@"`);
  const { XDG_DATA_HOME: _, AIRHERD_HOME: __, ...environment } = process.env;
  const run = (script: string) =>
    spawnSync(
      'unshare',
      [
        '--net',
        '--',
        'bash',
        '-c',
        `ip link set lo up\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\nset -eo pipefail\n${script}`,
      ],
      {
        cwd: folder,
        encoding: 'utf8',
        env: { ...environment, HOME: folder, CI: '', PATH: `${folder}/bin:${process.env.PATH}` },
      },
    );
  return { folder, run };
}

describe('shell blocks do what they say', () => {
  const withShell = [...new Set(of('sh').map(({ page }) => page))];
  test.each(withShell)('%s', (page) => {
    const script = codeBlocks(page)
      .filter(({ language }) => language === 'sh')
      .map(({ text }) => text)
      .join('\n');
    const { status, stdout, stderr } = sandbox(page).run(script);
    expect(status, `${script}\n${stdout}\n${stderr}`).toBe(0);
  });
});

describe('calls that are shown can be taken', () => {
  test.each(of('console').map((block) => [name(block), block] as const))('%s', async (_, { text }) => {
    const tree = await commandTree([]);
    for (const line of text.replaceAll('\\\n', ' ').split('\n'))
      for (const words of airherdCalls(line)) expect(faultOf(tree, words), line).toBeNull();
  });
});

describe('settings that are shown are read', () => {
  const READERS: Readonly<Record<string, string>> = {
    fleet:
      'airherd certs init && airherd device create --kind ap --count 100 && airherd fleet plan shown.yaml',
    scenario: 'airherd scenario run shown.yaml',
    plan: 'airherd world make office --out site.yaml && cat shown.yaml >> site.yaml && airherd world show site.yaml',
    happenings:
      'airherd world make office --out site.yaml && airherd world run site.yaml --for 1s --happenings shown.yaml',
  };
  test.each(of('yaml').map((block) => [name(block), block] as const))('%s', (label, { text, kind }) => {
    expect(Object.keys(READERS)).toContain(kind);
    const { folder, run } = sandbox(label);
    writeFileSync(join(folder, 'shown.yaml'), text);
    const { status, stderr } = run(READERS[kind]);
    expect(status, String(stderr)).toBe(0);
  });
});

describe('programs that are shown have the right types, and run', () => {
  const folder = join(home, 'programs');
  beforeAll(() => {
    mkdirSync(join(folder, 'node_modules'), { recursive: true });
    symlinkSync(join(root, 'fixtures'), join(folder, 'fixtures'));
    const { dist } = compile();
    symlinkSync(resolve(dist, '..'), join(folder, 'node_modules', 'airherd'));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        extends: join(root, 'tsconfig.json'),
        compilerOptions: {
          rootDir: '/',
          outDir: join(folder, 'out'),
          noUnusedLocals: false,
          typeRoots: [join(root, 'node_modules/@types')],
          paths: { airherd: [join(root, 'index.ts')], 'airherd/*': [join(root, '*/index.ts')] },
        },
        include: ['*.ts'],
        exclude: [],
      }),
    );
  });

  test.each(of('ts').map((block, at) => [name(block), block, at] as const))('%s', (_, { text }, at) => {
    const file = join(folder, `program${at}.ts`);
    writeFileSync(file, text);
    const tsc = join(root, 'node_modules', '.bin', 'tsc');
    const checked = spawnSync(tsc, ['-p', folder, '--noEmit'], { encoding: 'utf8' });
    const errors = checked.stdout.split('\n').filter((line) => line.includes(`program${at}.ts`));
    expect(errors, checked.stdout).toEqual([]);
    const program = file.replace(/\.ts$/, '.mjs');
    writeFileSync(program, text);
    const ran = spawnSync(process.execPath, [program], { cwd: folder, encoding: 'utf8' });
    expect(ran.status, ran.stderr).toBe(0);
  });
});
