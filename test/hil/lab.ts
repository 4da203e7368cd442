/**
 * A lab on one machine: this process is the box that an agent runs on; switch and clients are network namespaces at
 * its cables, with real daemons in them. Needs root.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ip } from '../support/veth.ts';
import { Daemon } from './cable.ts';

const mark = `${process.pid % 10_000}`;

export class Lab {
  readonly dir = mkdtempSync(join(tmpdir(), 'airherd-lab-'));
  readonly bridge = `ahbr${mark}`;
  private readonly namespaces: string[] = [];
  private readonly links: string[] = [];
  private readonly processes: ChildProcess[] = [];

  constructor() {
    // Daemons that give up root pass through it.
    chmodSync(this.dir, 0o755);
  }

  path(name: string): string {
    return join(this.dir, name);
  }

  write(name: string, text: string): string {
    writeFileSync(this.path(name), text);
    return this.path(name);
  }

  addBridge(address: string): void {
    ip('link', 'add', this.bridge, 'type', 'bridge', 'stp_state', '0');
    this.links.push(this.bridge);
    execFileSync('sh', ['-c', `echo 1 > /proc/sys/net/ipv6/conf/${this.bridge}/disable_ipv6`]);
    ip('addr', 'add', address, 'dev', this.bridge);
    ip('link', 'set', this.bridge, 'up');
  }

  /** A box of its own, at a port of ours with this name; returns the port. */
  addBox(box: string, mac: string, onBridge = false): string {
    const namespace = this.namespaceOf(box);
    const port = `ah${box}${mark}`;
    ip('netns', 'add', namespace);
    this.namespaces.push(namespace);
    ip('link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace);
    this.links.push(port);
    execFileSync('sh', ['-c', `echo 1 > /proc/sys/net/ipv6/conf/${port}/disable_ipv6`]);
    ip('-n', namespace, 'link', 'set', 'lo', 'up');
    ip('-n', namespace, 'link', 'set', 'eth0', 'address', mac, 'up');
    if (onBridge) ip('link', 'set', port, 'master', this.bridge);
    ip('link', 'set', port, 'up');
    return port;
  }

  private namespaceOf(box: string): string {
    return `airherd-${box}-${mark}`;
  }

  /** What a program in a box prints. */
  inBox(box: string, program: string, ...words: string[]): string {
    return execFileSync('ip', ['netns', 'exec', this.namespaceOf(box), program, ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** A daemon, here (`box` null) or in a box; resolves when a line that it says has `ready` in it. */
  async daemon(box: string | null, ready: string, program: string, ...words: string[]): Promise<Daemon> {
    const [command, ...rest] =
      box === null ? [program, ...words] : ['ip', 'netns', 'exec', this.namespaceOf(box), program, ...words];
    const child = spawn(command, rest, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.processes.push(child);
    const said = new Daemon();
    for (const input of [child.stdout, child.stderr]) {
      createInterface({ input }).on('line', (line) => said.hear(line));
    }
    said.input = child.stdin;
    said.stop = async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    };
    const ended = once(child, 'exit').then(() => {
      throw new Error(`${program} ended:\n${said.lines.join('\n')}`);
    });
    ended.catch(() => undefined);
    await Promise.race([said.line((line) => line.includes(ready)), ended]);
    return said;
  }

  async close(): Promise<void> {
    for (const child of this.processes) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const exited = once(child, 'exit');
      child.kill();
      setTimeout(() => child.kill('SIGKILL'), 2000).unref();
      await exited;
    }
    for (const link of this.links.reverse()) quietly('link', 'del', link);
    for (const namespace of this.namespaces) quietly('netns', 'del', namespace);
    rmSync(this.dir, { recursive: true, force: true });
  }
}

function quietly(...words: string[]): void {
  try {
    ip(...words);
  } catch {
    // The other end took it along.
  }
}
