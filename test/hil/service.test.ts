/** `airherd agent install` on a machine whose first process is systemd: one in namespaces of its own. Needs root. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { saveIdentity } from '../../certs/identity.ts';
import { type TestCloud, testCloud } from '../support/cloud.ts';
import { compile } from '../support/compiled.ts';
import { Veth } from '../support/veth.ts';

const root = resolve(import.meta.dirname, '../..');
const capture = join(root, 'fixtures/captures/hil/http.pcap');
const { main, dist } = compile();
const MAIN = join('/srv/airherd/dist', relative(dist, main));
const dir = mkdtempSync(join(tmpdir(), 'airherd-systemd-'));
const cgroups = join(dir, 'cgroups');
const group = join(cgroups, `airherd-${process.pid}`);
const cable = new Veth();
let cloud: TestCloud;
let machine: ChildProcess;
let init = 0;
let serial = '';

/** What is written stays in the namespaces: /etc, /run, /srv and /var/lib are copies or empty. */
const boot = (settings: string) => `set -e
mount --make-rprivate /
mount -t proc none /proc
mount -t tmpfs none /run
mount -t tmpfs none /srv
mount -t tmpfs none /var/lib
mkdir -p /run/copy /run/systemd/system /srv/airherd/dist /srv/airherd/node_modules
cp -a /etc /run/copy/etc
mount --bind /run/copy/etc /etc
mkdir -p /etc/airherd
cat > /etc/airherd/agent.yaml <<'SETTINGS'
${settings}
SETTINGS
cp /usr/bin/dumpcap /run/copy/dumpcap
chmod 755 /run/copy/dumpcap
setcap cap_net_raw,cap_net_admin=eip /run/copy/dumpcap
mount --bind /run/copy/dumpcap /usr/bin/dumpcap
mount --bind ${dist} /srv/airherd/dist
mount --bind ${root}/node_modules /srv/airherd/node_modules
cp ${root}/package.json /srv/airherd
cp -a ${dir}/devices /srv/airherd
umount -R /sys/fs/cgroup 2>/dev/null || true
mount -t cgroup2 none /sys/fs/cgroup
# No unit of this machine is one of that: nothing is to be set up, or tidied away, there.
mount -t tmpfs none /usr/lib/systemd/system
rm -rf /etc/systemd/system/*
for target in nothing sysinit basic shutdown network-online multi-user; do
  printf '[Unit]\\nDescription=%s\\n' $target > /usr/lib/systemd/system/$target.target
done
exec env container=test SYSTEMD_LOG_TARGET=console SYSTEMD_LOG_LEVEL=err /lib/systemd/systemd --system --unit=nothing.target
`;

/** It guards the other end of the cable: a daemon that answers to a socket of who asks it. */
const HOSTAPD = (interfaceName: string) => `interface=${interfaceName}
driver=wired
ieee8021x=1
ctrl_interface=/run/hostapd
ctrl_interface_group=airherd
eap_server=1
`;

/** On that machine. */
const there = (program: string, ...words: string[]) =>
  spawnSync('nsenter', ['-t', String(init), '-m', '-p', '-i', '-u', '-C', program, ...words], {
    encoding: 'utf8',
  });
const unit = () => `airherd-agent-${serial}.service`;
const shown = (what: string) => there('systemctl', 'show', '-P', what, unit()).stdout.trim();

beforeAll(async () => {
  cable.plug();
  cloud = await testCloud();
  const [identity] = await cloud.devices(1);
  serial = identity.serial;
  await saveIdentity(join(dir, 'devices', serial), identity);
  const settings = [
    `cloud: { url: "mqtts://127.0.0.1:${cloud.cloud.devicePort}", serverName: localhost }`,
    `capture: { sources: ["live:${cable.near}", "hostapd:${cable.far}"] }`,
    'report: { flushMs: 100 }',
    'health: { socket: /run/airherd/agent.sock }',
  ];
  writeFileSync(join(dir, 'boot.sh'), boot(settings.join('\n')));
  // A group of its own, which is the root of all that this systemd sees.
  execFileSync('mkdir', ['-p', cgroups]);
  execFileSync('mount', ['-t', 'cgroup2', 'none', cgroups]);
  execFileSync('mkdir', [group]);
  const enter = `echo $$ > ${group}/cgroup.procs && exec unshare --pid --fork --kill-child --mount --uts --ipc --cgroup sh ${dir}/boot.sh`;
  machine = spawn('sh', ['-c', enter], { stdio: 'inherit' });
  while (init === 0) {
    init = Number(readFileSync(`/proc/${machine.pid}/task/${machine.pid}/children`, 'utf8').trim());
    await new Promise((resume) => setImmediate(resume));
  }
  while (there('systemctl', 'show-environment').status !== 0) {
    if (machine.exitCode !== null) throw new Error('systemd has ended');
    await new Promise((resume) => setImmediate(resume));
  }
});

afterAll(async () => {
  machine?.kill('SIGKILL');
  if (machine?.exitCode === null && machine.signalCode === null) await once(machine, 'exit');
  cable.unplug();
  await cloud?.stop();
  const groups = execFileSync('find', [group, '-depth', '-type', 'd'], { encoding: 'utf8' })
    .trim()
    .split('\n');
  for (const each of groups) {
    while (readFileSync(join(each, 'cgroup.events'), 'utf8').includes('populated 1'));
    rmdirSync(each);
  }
  execFileSync('umount', [cgroups]);
  rmSync(dir, { recursive: true, force: true });
});

test('the service starts, is ready, and captures with a helper that alone has the right to', async () => {
  const { status, stdout, stderr } = there(
    'node',
    MAIN,
    'agent',
    'install',
    '--identity',
    `/srv/airherd/devices/${serial}`,
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.not.stringContaining('airherd:') });
  expect(stdout).toContain(`${unit()} is installed`);
  // The group that hostapd is to let in was made with the user.
  there('sh', '-c', `echo '${HOSTAPD(cable.far)}' > /run/hostapd.conf`);
  expect(there('hostapd', '-B', '/run/hostapd.conf').stdout).toContain('AP-ENABLED');
  // Type=notify: it has said so itself.
  expect(there('systemctl', 'is-active', unit()).stdout).toBe('active\n');
  const own = there('cat', `/proc/${shown('MainPID')}/status`).stdout;
  expect(own).toMatch(/^Uid:\t([1-9]\d*)\t\1\t\1\t\1$/m);
  for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb'])
    expect(own).toMatch(new RegExp(`^${set}:\t0+$`, 'm'));
  // CAP_NET_ADMIN and CAP_NET_RAW, which a helper may have, and nothing else.
  expect(own).toMatch(/^CapBnd:\t0+3000$/m);
  expect(own).toMatch(/^Seccomp:\t2$/m);
  for (let seen: unknown[] = []; seen.length === 0; ) {
    cable.replay(capture);
    const { json } = await cloud.api(`/api/airherd/v1/sites/${cloud.siteId}/wired`);
    seen = json.filter(({ port }: { port: string }) => port === cable.near);
  }
  const asked = ['--unix-socket', '/run/airherd/agent.sock', 'http://localhost/health'];
  const health = JSON.parse(there('curl', '-s', ...asked).stdout);
  // It follows hostapd's events once hostapd has answered it.
  while (there('pgrep', '-f', `hostapd_cli .* -i ${cable.far} -a`).status !== 0);
  expect(health).toMatchObject({
    serial,
    healthy: true,
    counts: expect.arrayContaining([
      expect.objectContaining({ name: `live:${cable.near}`, state: 'running' }),
    ]),
  });
  expect(there('systemctl', 'reload', unit()).status).toBe(0);
  expect(there('systemctl', 'is-active', unit()).stdout).toBe('active\n');
});

test('it is removed again, and nothing of it runs', () => {
  const pid = shown('MainPID');
  const { status, stdout } = there('node', MAIN, 'agent', 'uninstall', serial, '--purge');
  expect({ status, stdout }).toEqual({ status: 0, stdout: `${unit()} is removed\n` });
  expect(there('systemctl', 'is-active', unit()).stdout).toBe('inactive\n');
  expect(there('test', '-e', `/proc/${pid}`).status).toBe(1);
  expect(existsSync(`/etc/systemd/system/${unit()}`)).toBe(false);
});
