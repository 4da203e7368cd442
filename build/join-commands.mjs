/**
 * What follows tsc: `node build/join-commands.mjs [dist]`. Lists the commands for `airherd --help`, joins each of the
 * commands that read captures with all that it needs into one script, and keeps the code that V8 compiles for it. To
 * read and compile a hundred small modules takes as long as to observe 40 MB. Other commands stay as they are: beside
 * what they wait for (networks, databases) it is nothing.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { rolldown } from 'rolldown';

const root = join(import.meta.dirname, '..');
const dist = resolve(process.argv[2] ?? join(root, 'dist'));
const commands = join(dist, 'cli/commands/');
/** Below `commands`: what a joined command loads only at times. */
const LATER = ['observe/tables.js', 'observe/fingerprint.js'];
/** The licence of the library that comes into the scripts. */
const NOTICE = `/* commander\n${readFileSync(join(root, 'node_modules/commander/LICENSE'), 'utf8')}*/\n`;
const load = (file) => import(pathToFileURL(join(dist, 'cli', file)).href);
const { JOINED, joinedScript } = await load('joined.js');

for (const [name, words] of Object.entries(JOINED)) {
  const path = join(dist, `cli/joined-${name}.cjs`);
  await joinModules(path, words);
  await keepCode(path, words);
}

await listCommands();

/** What help about all commands says of each. */
async function listCommands() {
  const { OVERVIEW_FILE, summariesOf } = await load('overview.js');
  const { commandTree } = await load('program.js');
  // `manual` speaks of all: it has them loaded.
  const summaries = summariesOf(await commandTree(['manual']));
  writeFileSync(join(dist, 'cli', OVERVIEW_FILE), JSON.stringify(summaries));
}

/** One script, the expression of a function of what a module has around it. */
async function joinModules(path, words) {
  const own = words.map((_, at) => join(commands, words.slice(0, at + 1).join('/')));
  const isOwn = (file) =>
    own.some((command) => file === `${command}.js`) ||
    (file.startsWith(`${own.at(-1)}/`) && !LATER.includes(file.slice(commands.length)));
  const bundle = await rolldown({
    input: join(dist, 'cli/run.js'),
    platform: 'node',
    external: (id, importer) => {
      if (/^[^./]/.test(id)) return id !== 'commander';
      const file = importer === undefined ? id : resolve(importer, '..', id);
      return file.startsWith(commands) && !isOwn(file);
    },
    plugins: [{ name: 'at-once', transform: (code, file) => importAtOnce(code, file, isOwn) }],
  });
  const { output } = await bundle.generate({ format: 'cjs', codeSplitting: false });
  // A script has no `import` of its own: it is given one.
  const code = output[0].code.replaceAll(/\bimport\("/g, 'load("');
  writeFileSync(path, ascii(`${NOTICE}(function (exports, require, load, __filename) {\n${code}\n})`));
  // Of the script before.
  rmSync(`${path}.code`, { force: true });
}

/** What is imported when it is called for would be set up by functions, whose variables V8 takes for changing ones. */
function importAtOnce(code, file, isOwn) {
  let imports = '';
  let count = 0;
  const changed = code.replace(/await import\('(\.[^']+)'\)/g, (whole, id) => {
    if (!isOwn(resolve(file, '..', id))) return whole;
    const name = `atOnce${count++}`;
    imports += `import * as ${name} from '${id}';\n`;
    return name;
  });
  return `${imports}${changed}`;
}

/** V8 keeps text of other characters in twice the bytes. */
function ascii(code) {
  return code.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Carries the command out on recorded captures, so that what it calls is compiled. */
async function keepCode(path, words) {
  // Else code that has not run for a while would be gone at the end.
  setFlagsFromString('--no-flush-bytecode');
  const { script, run } = joinedScript(path, readFileSync(path, 'latin1'));
  const carryOut = run();
  const folder = mkdtempSync(join(tmpdir(), 'airherd-build-'));
  const { log, error } = console;
  console.log = () => undefined;
  console.error = () => undefined;
  try {
    for (const capture of readdirSync(join(root, 'fixtures/captures'), { recursive: true })) {
      if (!/\.pcap(ng)?$/.test(capture)) continue;
      const input = join(root, 'fixtures/captures', capture);
      const output = words.at(-1) === 'slice' ? join(folder, 'out') : '--json';
      await carryOut([...words, input, output]);
    }
  } finally {
    Object.assign(console, { log, error });
    // Some of the recordings are damaged, and the command says so.
    process.exitCode = 0;
    rmSync(folder, { recursive: true });
  }
  // Code is refused by a V8 with other flags.
  setFlagsFromString('--flush-bytecode');
  writeFileSync(`${path}.code`, script.createCachedData());
}
