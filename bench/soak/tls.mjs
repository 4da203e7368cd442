/**
 * All of testssl.sh against every TLS listener of a cloud, some minutes each; the result goes into docs/security.md.
 *   npm run soak:tls -- [--main dist/cli/main.js] [--write]
 */
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs, promisify, stripVTControlCharacters } from 'node:util';
import { printTable } from '../report.mjs';

const run = promisify(execFile);
const { values } = parseArgs({
  options: {
    main: { type: 'string', default: 'dist/cli/main.js' },
    write: { type: 'boolean', default: false },
  },
});
const PAGE = new URL('../../docs/security.md', import.meta.url);
const main = resolve(values.main);
const home = mkdtempSync(join(tmpdir(), 'airherd-soak-'));
const env = { ...process.env, AIRHERD_HOME: home };

/** These are of the public web (docs/security.md says why), or no findings at all. */
const LEFT_OUT =
  /^(cert_chain_of_trust|cert_revocation|cert_ocsp|cert_crl|certificate_transparency|DNS_CAA|scanTime|engine_problem|overall_grade|grade_cap|final_score|clientsimulation|rating)/;
const GRAVE = ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'];

async function scan(name, port, version) {
  const file = join(home, `${port}.json`);
  const args = [
    '--quiet',
    '--color',
    '0',
    '--warnings',
    'batch',
    '--ip',
    '127.0.0.1',
    '--nodns',
    'none',
    '--assume-http',
  ];
  // It ends with the number of its findings.
  await run('testssl', [...args, '-oj', file, `localhost:${port}`], { timeout: 900_000 }).catch((error) => {
    if (error.killed) throw error;
  });
  const lines = JSON.parse(readFileSync(file, 'utf8'));
  const grave = lines.filter(({ id, severity }) => GRAVE.includes(severity) && !LEFT_OUT.test(id));
  const checked = lines.filter(({ cve }) => cve).length;
  return [
    name,
    version,
    lines.length,
    checked,
    grave.map(({ id, severity, finding }) => `${id} ${severity}: ${finding}`).join('; ') || 'none',
  ];
}

let cloud;
try {
  await run(process.execPath, [main, 'certs', 'init'], { env });
  const ports = ['--port', '0', '--api-port', '0', '--portal', '--portal-port', '0', '--gate-port', '0'];
  cloud = spawn(process.execPath, [main, 'cloud', ...ports, '--json', '--log-level', 'silent'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let started;
  for await (const line of createInterface({ input: cloud.stdout })) {
    started = JSON.parse(line);
    break;
  }
  const { stdout } = await run('testssl', ['--version']).catch(({ stdout: text }) => ({ stdout: text }));
  const [, version = ''] = /testssl\s+(\d[\w.]*)/.exec(stripVTControlCharacters(stdout)) ?? [];
  const listeners = [
    ['device link', started.devicePort],
    ['API', started.apiPort],
    ['portal', started.portal.port],
  ];
  const rows = await Promise.all(listeners.map(([name, port]) => scan(name, port, version)));
  const head = ['listener', 'testssl.sh', 'lines', 'vulnerabilities tried', 'findings of LOW or graver'];
  printTable([head, ...rows]);
  if (values.write) {
    const table = [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
    const page = readFileSync(PAGE, 'utf8');
    const written = page.replace(/(<!-- soak:tls -->\n)[\s\S]*?(<!-- \/soak:tls -->)/, `$1${table}\n$2`);
    writeFileSync(PAGE, written);
  }
  if (rows.some((row) => row[4] !== 'none')) process.exitCode = 1;
} finally {
  cloud?.kill('SIGTERM');
  rmSync(home, { recursive: true, force: true });
}
