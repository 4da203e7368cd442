import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { OpenListener } from '../../cloud-stub/listeners.ts';
import { type Finding, Findings } from './finding.ts';

/** `st` of proc(5) net/tcp. */
const LISTEN = '0A';

export interface BoundPort {
  protocol: 'tcp' | 'udp';
  port: number;
}

/** Ports that a process listens on, from /proc; null where that cannot be seen. */
export function portsOf(pid: number): BoundPort[] | null {
  try {
    const sockets = new Set(
      readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
        try {
          return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
        } catch {
          // It was closed meanwhile.
          return [];
        }
      }),
    );
    return (['tcp', 'tcp6', 'udp', 'udp6'] as const).flatMap((table) => bound(pid, table, sockets));
  } catch {
    return null;
  }
}

function bound(pid: number, table: string, sockets: ReadonlySet<string>): BoundPort[] {
  const protocol = table.startsWith('tcp') ? 'tcp' : 'udp';
  const [, ...lines] = readFileSync(`/proc/${pid}/net/${table}`, 'utf8').trim().split('\n');
  return lines.flatMap((line) => {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    if (!sockets.has(inode) || (protocol === 'tcp' && state !== LISTEN)) return [];
    return [{ protocol, port: Number.parseInt(local.split(':')[1], 16) }];
  });
}

/** Open ports of the cloud's process against those that it says, which are the documented ones. */
export function checkPorts(pid: number, listeners: readonly OpenListener[]): Finding[] {
  const findings = new Findings('ports');
  const found = portsOf(pid);
  if (!found) {
    findings.advice(
      'open',
      `open ports of process ${pid} cannot be seen from here`,
      'run the check as the user that the cloud runs as, on Linux',
    );
    return findings.all;
  }
  const shown = (ports: readonly BoundPort[]) =>
    ports.map(({ protocol, port }) => `${port}/${protocol}`).join(', ');
  const surplus = found.filter(
    ({ protocol, port }) => protocol === 'udp' || !listeners.some((one) => one.port === port),
  );
  findings.must(
    'open',
    surplus.length === 0,
    `open: ${listeners.map(({ name, port }) => `${port}/tcp ${name}`).join(', ')}; nothing else`,
    `open and documented nowhere: ${shown(surplus)}`,
    'find out what opened it; the documented listeners are in docs/cloud.md',
  );
  for (const { name, host } of listeners) {
    if (host === '0.0.0.0' || host === '::') {
      findings.advice(
        'all-addresses',
        `the ${name} listens on all addresses`,
        'name the one that is meant with --host',
      );
    }
  }
  return findings.all;
}
