/** What the guides have one write into files is read by the programs that it is for; what they have one type is typed. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeBlocks } from '../support/code-blocks.ts';

const AP = 'docs/pi-lab-ap.md';
const SWITCH = 'docs/lab-switch.md';
const dir = mkdtempSync(join(tmpdir(), 'airherd-guides-'));
const namespace = `airherd-guides-${process.pid % 10_000}`;
beforeAll(() => execFileSync('ip', ['netns', 'add', namespace]));
afterAll(() => {
  execFileSync('ip', ['netns', 'del', namespace]);
  rmSync(dir, { recursive: true, force: true });
});

const inside = (program: string, ...words: string[]) =>
  spawnSync('ip', ['netns', 'exec', namespace, program, ...words], { encoding: 'utf8' });

function blocks(page: string, language: string): string[] {
  const found = codeBlocks(page).filter((block) => `${block.language} ${block.kind}` === `ini ${language}`);
  expect(found.length).toBeGreaterThan(0);
  return found.map(({ text }) => text);
}

function write(name: string, text: string): string {
  writeFileSync(join(dir, name), text);
  return join(dir, name);
}

describe('hostapd', () => {
  /** It reads all of its settings before it looks for the radio, which is not here. */
  function judged(settings: string): string {
    // The group is made in step 1, the users' file in this one.
    const here = settings
      .replace('ctrl_interface_group=airherd', `ctrl_interface_group=${process.getgid?.()}`)
      .replace('/etc/hostapd/users', write('users', blocks(AP, 'hostapd-users')[0]))
      .replace('/run/hostapd', join(dir, 'control'));
    const { stdout } = inside('hostapd', write('hostapd.conf', here));
    return stdout;
  }
  const [personal] = blocks(AP, 'hostapd');
  const [enterprise] = blocks(AP, 'hostapd-eap');

  test('takes the settings of an access point with a passphrase', () => {
    const said = judged(personal);
    expect(said).not.toMatch(/errors? found|Line \d+|Invalid/i);
    expect(said).toContain('wlan0');
  });

  test('takes those with 802.1X in the place of the last three lines', () => {
    const lines = personal.trimEnd().split('\n');
    expect(lines.slice(-3).map((line) => line.split('=')[0])).toEqual([
      'wpa_key_mgmt',
      'rsn_pairwise',
      'wpa_passphrase',
    ]);
    const said = judged([...lines.slice(0, -3), enterprise].join('\n'));
    expect(said).not.toMatch(/errors? found|Line \d+|Invalid/i);
    expect(said).toContain('wlan0');
  });

  test('would say so if they were wrong', () => {
    expect(judged(personal.replace('change-this-one', 'short'))).toMatch(/errors? found/);
    expect(judged(personal.replace('country_code', 'country'))).toMatch(/errors? found/);
  });
});

test('dnsmasq takes its settings, and would say so if they were wrong', () => {
  const [settings] = blocks(AP, 'dnsmasq');
  const judged = (text: string) => spawnSync('dnsmasq', ['--test', '-C', write('dnsmasq.conf', text)]);
  expect(judged(settings)).toMatchObject({ status: 0, stderr: Buffer.from('dnsmasq: syntax check OK.\n') });
  expect(judged(settings.replace('10.77.0.150', '10.99.0.1')).status).not.toBe(0);
});

describe('a switch', () => {
  /** What the reader types in the block that begins so. */
  function typed(beginning: string): string[][] {
    const found = codeBlocks(SWITCH).find(({ text }) => text.startsWith(beginning));
    if (!found) throw new Error(`${SWITCH} has no block that begins with ${beginning}`);
    const lines = found.text.trim().split('\n');
    return lines.map((line) => line.replace(/^sudo /, '').split(' '));
  }

  test('is a bridge with both ports, as it is typed', () => {
    for (const port of ['lan1', 'lan2']) {
      inside('ip', 'link', 'add', port, 'type', 'veth', 'peer', 'name', `${port}-far`);
      inside('ip', 'link', 'set', `${port}-far`, 'up');
    }
    for (const [program, ...words] of typed('sudo ip link add name br0')) {
      const { status, stderr } = inside(program, ...words);
      expect({ words, status, stderr }).toEqual({ words, status: 0, stderr: '' });
    }
    const ports = JSON.parse(inside('bridge', '-j', 'link').stdout) as { ifname: string; master: string }[];
    expect(ports.map(({ ifname, master }) => `${ifname} of ${master}`).sort()).toEqual([
      'lan1 of br0',
      'lan2 of br0',
    ]);
  });

  /** The first lines of systemd-networkd in this namespace, with these files alone. */
  async function networkd(files: readonly string[], suffixes: readonly string[]): Promise<string[]> {
    files.forEach((text, i) => void write(`${i}0-guide.${suffixes[i]}`, text));
    // `ip netns exec` has mounts of its own.
    const script = [
      'set -e',
      'mkdir -p /etc/systemd/network /run/systemd/netif',
      'mount -t tmpfs none /etc/systemd/network',
      'mount -t tmpfs none /run/systemd/netif',
      'mkdir /run/systemd/netif/links /run/systemd/netif/leases',
      `cp ${dir}/*-guide.* /etc/systemd/network/`,
      'exec /lib/systemd/systemd-networkd',
    ].join('\n');
    const child = spawn('ip', ['netns', 'exec', namespace, 'sh', '-c', script], {
      env: { ...process.env, SYSTEMD_LOG_LEVEL: 'info' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stderr })) {
      lines.push(line);
      if (line.includes('Enumeration completed')) break;
    }
    child.kill('SIGKILL');
    return lines;
  }

  test('is one after the next boot: systemd-networkd takes the files, and would say so if it did not', async () => {
    const files = [...blocks(SWITCH, 'netdev'), ...blocks(SWITCH, 'network')];
    const suffixes = ['netdev', 'network', 'network'];
    /** It names file and line of what it does not take. */
    const wrong = /-guide\.\w+:\d+: /;
    const lines = await networkd(files, suffixes);
    expect(lines.at(-1)).toContain('Enumeration completed');
    expect(lines.filter((line) => wrong.test(line))).toEqual([]);
    const spoilt = await networkd(
      [files[0].replace('VLANFiltering', 'VlanFilter'), ...files.slice(1)],
      suffixes,
    );
    expect(spoilt.filter((line) => wrong.test(line))).toHaveLength(1);
  });
});
