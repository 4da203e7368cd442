import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A neighbour as lldpd has it: the texts of `lldpcli -f json0`. */
export interface LldpdNeighbour {
  chassis: { type: string; value: string };
  port: { type: string; value: string };
  systemName?: string;
  systemDescription?: string;
  portDescription?: string;
  ttlS: number;
  managementAddresses: string[];
}

type Texts = { value: string }[] | undefined;
interface Interface {
  via: string;
  chassis: { id: { type: string; value: string }[]; name: Texts; descr: Texts; 'mgmt-ip': Texts }[];
  port: { id: { type: string; value: string }[]; descr: Texts; ttl: Texts }[];
}

const run = (program: string, ...words: string[]): string =>
  execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/**
 * The real lldpd, which only listens, in a network namespace of its own, at one end of a veth pair; frames are
 * replayed into the other end. Needs root.
 */
export class Lldpd {
  private readonly namespace = `airherd-lldp-${process.pid}`;
  private readonly folder = mkdtempSync(join(tmpdir(), 'airherd-lldp-'));
  private stopDaemon: () => Promise<void> = async () => undefined;

  private get socket(): string {
    return join(this.folder, 'socket');
  }

  async start(): Promise<void> {
    run('ip', 'netns', 'add', this.namespace);
    // Some captures have frames longer than Ethernet's 1500 bytes.
    run(
      'ip',
      '-n',
      this.namespace,
      'link',
      'add',
      'heard',
      'mtu',
      '9000',
      'type',
      'veth',
      'peer',
      'name',
      'told',
      'mtu',
      '9000',
    );
    for (const end of ['heard', 'told']) run('ip', '-n', this.namespace, 'link', 'set', end, 'up');
    // Its privileged half goes down to an account that must be able to pass through the folder.
    execFileSync('chmod', ['755', this.folder]);
    const daemon = spawn(
      'ip',
      [
        'netns',
        'exec',
        this.namespace,
        'lldpd',
        '-d',
        '-r',
        '-u',
        this.socket,
        '-I',
        'heard',
        '-L',
        '/usr/sbin/lldpcli',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const exited = new Promise<void>((resolve) => daemon.once('exit', () => resolve()));
    this.stopDaemon = async () => {
      daemon.kill();
      await exited;
    };
    const ready = (async () => {
      for await (const line of createInterface({ input: daemon.stderr }))
        if (line.includes('resume operations')) return true;
      return false;
    })();
    if (!(await ready)) throw new Error('lldpd ended before it was ready');
    daemon.stderr.resume();
  }

  /** Puts all frames of a capture on the wire, as fast as they go. */
  replay(path: string): void {
    run('ip', 'netns', 'exec', this.namespace, 'tcpreplay', '-q', '-t', '-i', 'told', path);
  }

  neighbours(): LldpdNeighbour[] {
    const words = ['-u', this.socket, '-f', 'json0', 'show', 'neighbors', 'details', 'hidden'];
    const said = JSON.parse(run('ip', 'netns', 'exec', this.namespace, 'lldpcli', ...words));
    const interfaces: Interface[] = said.lldp?.[0]?.interface ?? [];
    return interfaces.map(({ chassis: [chassis], port: [port] }) => ({
      chassis: chassis.id[0],
      port: port.id[0],
      systemName: chassis.name?.[0]?.value,
      systemDescription: chassis.descr?.[0]?.value,
      portDescription: port.descr?.[0]?.value,
      ttlS: Number(port.ttl?.[0]?.value),
      managementAddresses: (chassis['mgmt-ip'] ?? []).map(({ value }) => value),
    }));
  }

  async stop(): Promise<void> {
    await this.stopDaemon();
    run('ip', 'netns', 'del', this.namespace);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
