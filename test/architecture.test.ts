import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');

/** Which folders a folder may import from, itself apart. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  protocol: [],
  packets: [],
  world: ['packets'],
  'platform/ports': [],
  certs: ['protocol', 'platform/ports'],
  agent: ['protocol', 'packets', 'certs', 'platform/ports'],
  'cloud-stub': ['protocol', 'packets', 'certs', 'platform/ports'],
  fleet: ['agent', 'world', 'protocol', 'certs', 'platform/ports'],
  'platform/node': ['protocol', 'packets', 'certs', 'platform/ports'],
  'platform/sim': ['protocol', 'packets', 'world', 'certs', 'platform/ports'],
  testing: [
    'protocol',
    'packets',
    'world',
    'certs',
    'agent',
    'cloud-stub',
    'fleet',
    'platform/ports',
    'platform/node',
    'platform/sim',
  ],
  cli: [
    'testing',
    'protocol',
    'packets',
    'world',
    'certs',
    'agent',
    'cloud-stub',
    'fleet',
    'platform/ports',
    'platform/node',
    'platform/sim',
  ],
};

/** Time, chance and sockets come in through ports. */
const IMPURE: readonly [RegExp, string][] = [
  [/\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b|\bprocess\.hrtime\b/, 'reads a clock'],
  [/\bMath\.random\b/, 'uses the global random'],
  [/(?<!\.)\b(setTimeout|setInterval|setImmediate)\s*\(/, 'starts a timer'],
  [
    /from '(node:)?(net|tls|http|https|http2|dgram|timers|timers\/promises|child_process)'/,
    'opens sockets, timers or processes',
  ],
];
/** Folders that also touch no disk and no environment. */
const PURE = ['protocol', 'packets', 'world', 'platform/ports'];
const DISK = /from '(node:)?(fs|fs\/promises|os|worker_threads)'|\bprocess\.(env|argv|cwd)\b/;

interface SourceFile {
  path: string;
  area: string;
  text: string;
  imports: string[];
}

function areaOf(path: string): string {
  const areas = Object.keys(MAY_IMPORT).filter((area) => path.startsWith(`${area}/`));
  return areas.sort((a, b) => b.length - a.length)[0] ?? '';
}

function load(): SourceFile[] {
  const files: SourceFile[] = [];
  for (const top of new Set(Object.keys(MAY_IMPORT).map((area) => area.split('/')[0]))) {
    for (const entry of readdirSync(join(root, top), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
      const full = join(entry.parentPath, entry.name);
      const text = readFileSync(full, 'utf8');
      const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) =>
        relative(root, resolve(dirname(full), match[1])),
      );
      const path = relative(root, full);
      files.push({ path, area: areaOf(path), text, imports });
    }
  }
  return files;
}

const files = load();

/** Without comments, so that prose may name what code may not use. */
const code = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');

/** Strongly connected files, each as the path of one cycle. */
function cycles(): string[] {
  const graph = new Map(files.map((file) => [file.path, file.imports]));
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) found.push([...trail.slice(at), path].join(' → '));
    if (at >= 0 || done.has(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return found;
}

describe('architecture', () => {
  test('there is something to check', () => {
    expect(files.length).toBeGreaterThan(40);
    expect(files.every((file) => file.area !== '')).toBe(true);
  });

  test('folders import only what they may', () => {
    const wrong = files.flatMap((file) =>
      file.imports
        .filter((target) => areaOf(target) !== file.area && !MAY_IMPORT[file.area].includes(areaOf(target)))
        .map((target) => `${file.path} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  test('no file imports itself by a detour', () => {
    expect(cycles()).toEqual([]);
  });

  test('time, chance and sockets live in platform/ and the command line', () => {
    const wrong = files
      .filter((file) => !['platform/node', 'platform/sim', 'cli'].includes(file.area))
      .flatMap((file) =>
        IMPURE.filter(([pattern]) => pattern.test(code(file.text))).map(([, what]) => `${file.path} ${what}`),
      );
    expect(wrong).toEqual([]);
  });

  test('who takes in an MQTT library takes in what keeps it small', () => {
    const users = files.filter(
      ({ path, text }) =>
        path !== 'protocol/mqtt-codec.ts' &&
        /^import (?!type ).* from '(mqtt|aedes|mqtt-packet)';$/m.test(text),
    );
    const wrong = users.filter(({ imports }) => !imports.includes('protocol/mqtt-codec.ts'));
    expect(users.length).toBeGreaterThan(2);
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  test('protocol, packets, world and ports touch no disk and no environment', () => {
    const wrong = files
      .filter((file) => PURE.includes(file.area) && DISK.test(code(file.text)))
      .map((file) => file.path);
    expect(wrong).toEqual([]);
  });
});
