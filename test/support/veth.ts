import { execFileSync } from 'node:child_process';

let made = 0;

/** A cable between two interfaces of this machine, on which nobody speaks by himself. Needs root and `ip`. */
export class Veth {
  /** Interface names have 15 characters at most. */
  readonly near = `ah${process.pid % 100_000}n${made}`;
  readonly far = `ah${process.pid % 100_000}f${made++}`;

  plug(): void {
    ip('link', 'add', this.near, 'type', 'veth', 'peer', 'name', this.far);
    for (const end of [this.near, this.far]) {
      execFileSync('sh', ['-c', `echo 1 > /proc/sys/net/ipv6/conf/${end}/disable_ipv6`]);
      ip('link', 'set', end, 'arp', 'off', 'up');
    }
  }

  /** Both ends are gone, as when an adapter is pulled out. */
  unplug(): void {
    ip('link', 'del', this.near);
  }

  /** Sends all frames of a capture into the far end, as fast as they go. */
  replay(path: string, ...words: string[]): void {
    execFileSync('tcpreplay', ['-q', '-t', '-i', this.far, ...words, path], { stdio: 'ignore' });
  }
}

export const ip = (...words: string[]): string =>
  execFileSync('ip', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
