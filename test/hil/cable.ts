/**
 * A cable into a network namespace: what is sent arrives at an interface there, at which real daemons listen, and
 * what they send comes back. Needs root, `ip`, and a TUN device.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';

export const INTERFACE = 'world';
let namespaces = 0;

/** What a daemon has written, line by line. */
export class Daemon {
  readonly lines: string[] = [];
  input: Writable | null = null;
  /** Kills it. */
  stop: () => Promise<void> = async () => undefined;
  private readonly waiting = new Set<(line: string) => void>();

  hear(line: string): void {
    this.lines.push(line);
    for (const look of this.waiting) look(line);
  }

  /** Resolves with the first line, written or still to be, that fits. */
  line(fits: (line: string) => boolean): Promise<string> {
    return new Promise((resolve) => {
      const look = (line: string) => {
        if (!fits(line)) return;
        this.waiting.delete(look);
        resolve(line);
      };
      this.waiting.add(look);
      const known = this.lines.find(fits);
      if (known !== undefined) look(known);
    });
  }
}

export class Cable {
  readonly namespace = `airherd-hil-${process.pid}-${namespaces++}`;
  private readonly processes: ChildProcess[] = [];
  private helper: ChildProcess | null = null;
  private pending: Buffer = Buffer.alloc(0);
  private readonly listeners = new Set<(frame: Uint8Array) => void>();

  /** @param address of the interface in the namespace, `10.10.0.2/16` */
  async open(address: string): Promise<void> {
    this.ip('netns', 'add', this.namespace);
    this.ip('-n', this.namespace, 'link', 'set', 'lo', 'up');
    const script = join(import.meta.dirname, 'tap.py');
    const helper = spawn('ip', ['netns', 'exec', this.namespace, 'python3', script, INTERFACE, address], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.helper = helper;
    const up = once(helper.stdout, 'data').then(([first]) => this.take(first.subarray(2)));
    const gone = once(helper, 'exit').then(() => Promise.reject(new Error('the TAP helper ended')));
    await Promise.race([up, gone]);
    gone.catch(() => undefined);
    helper.stdout.on('data', (more: Buffer) => this.take(more));
  }

  private ip(...words: string[]): void {
    execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] });
  }

  private take(more: Buffer): void {
    this.pending = Buffer.concat([this.pending, more]);
    while (this.pending.length >= 2) {
      const length = this.pending.readUInt16BE(0);
      if (this.pending.length < 2 + length) return;
      const frame = new Uint8Array(this.pending.subarray(2, 2 + length));
      this.pending = this.pending.subarray(2 + length);
      for (const listener of this.listeners) listener(frame);
    }
  }

  onFrame(listener: (frame: Uint8Array) => void): void {
    this.listeners.add(listener);
  }

  send(frames: readonly Uint8Array[]): void {
    for (const frame of frames) {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(frame.length);
      this.helper?.stdin?.write(Buffer.concat([length, frame]));
    }
  }

  /** A daemon in the namespace; resolves when a line that it writes has `ready` in it. */
  async daemon(ready: string, program: string, ...words: string[]): Promise<Daemon> {
    const daemon = spawn('ip', ['netns', 'exec', this.namespace, program, ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.processes.push(daemon);
    const said = new Daemon();
    for (const input of [daemon.stdout, daemon.stderr]) {
      createInterface({ input }).on('line', (line) => said.hear(line));
    }
    const ended = once(daemon, 'exit').then(() => {
      throw new Error(`${program} ended:\n${said.lines.join('\n')}`);
    });
    await Promise.race([said.line((line) => line.includes(ready)), ended]);
    ended.catch(() => undefined);
    return said;
  }

  /** What a program in the namespace prints. */
  run(program: string, ...words: string[]): string {
    return execFileSync('ip', ['netns', 'exec', this.namespace, program, ...words], { encoding: 'utf8' });
  }

  /** Resolves when `isSo` holds, which is asked after each frame that comes back. */
  until(isSo: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!isSo()) return;
        this.listeners.delete(look);
        resolve();
      };
      this.listeners.add(look);
      look();
    });
  }

  async close(): Promise<void> {
    for (const daemon of this.processes) {
      if (daemon.exitCode !== null || daemon.signalCode !== null) continue;
      const exited = once(daemon, 'exit');
      daemon.kill();
      await exited;
    }
    if (this.helper !== null && this.helper.exitCode === null) {
      const exited = once(this.helper, 'exit');
      this.helper.stdin?.end();
      await exited;
    }
    this.ip('netns', 'del', this.namespace);
  }
}
