import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { AirherdError } from '../../../protocol/errors.ts';
import type { Drops } from '../../ports/source.ts';
import { type ChildEnd, searchPath } from './child.ts';

export type CaptureTool = 'dumpcap' | 'tcpdump';

export interface CaptureWish {
  interfaceName: string;
  /** Bytes of a frame that the kernel hands over, at most; 0 all. A prefilter, and no privacy control. */
  snapLength: number;
  /** pcap-filter(7), run in the kernel. */
  filter?: string;
  /** Ring of the kernel, MiB. */
  bufferMib: number;
}

/** Debian's packages; the message names them. */
const PACKAGES: Readonly<Record<CaptureTool, string>> = { dumpcap: 'wireshark-common', tcpdump: 'tcpdump' };

/** Where a program is, or null. */
export function pathOf(program: string): string | null {
  for (const folder of searchPath().split(delimiter)) {
    const path = join(folder, program);
    if (existsSync(path)) return path;
  }
  return null;
}

/** Whether this process may start it: Debian's dumpcap may belong to a group. */
export function mayRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The helper to take: dumpcap, whose ring and counts are better, else tcpdump. */
export function availableTool(): CaptureTool {
  for (const tool of ['dumpcap', 'tcpdump'] as const) {
    const path = pathOf(tool);
    if (path !== null && mayRun(path)) return tool;
  }
  return 'dumpcap';
}

/** Words of the command line: classic pcap on standard output, no names looked up, flushed as it comes. */
export function captureWords(tool: CaptureTool, wish: CaptureWish): string[] {
  const { interfaceName, snapLength, filter, bufferMib } = wish;
  if (tool === 'dumpcap') {
    const words = ['-q', '-P', '-i', interfaceName, '-s', String(snapLength), '-B', String(bufferMib)];
    return [...words, ...(filter === undefined ? [] : ['-f', filter]), '-w', '-'];
  }
  const words = ['-i', interfaceName, '-n', '-U', '-s', String(snapLength), '-B', String(bufferMib * 1024)];
  return [...words, '-w', '-', ...(filter === undefined ? [] : ['--', filter])];
}

const DUMPCAP =
  /received\/dropped on interface .*?: (\d+)\/\d+ \(pcap:(\d+)\/dumpcap:(\d+)\/flushed:(\d+)\/ps_ifdrop:(\d+)\)/g;

/** What a helper counted of an interface; null until it has said so. */
export interface CaptureCounts {
  received: number;
  dropped: Required<Pick<Drops, 'kernel' | 'interface' | 'helper'>>;
}

/**
 * dumpcap, at its end: "Packets received/dropped on interface 'eth0': 812/7 (pcap:5/dumpcap:2/flushed:0/ps_ifdrop:0) (99.1%)";
 * tcpdump: "812 packets received by filter", "7 packets dropped by kernel", and on SIGUSR1 the same in one line. What
 * dumpcap flushed it had taken when it was told to end.
 */
export function readCounts(said: string): CaptureCounts | null {
  const dumpcap = [...said.matchAll(DUMPCAP)].at(-1)?.slice(1).map(Number);
  if (dumpcap) {
    const [received, kernel, own, flushed, byInterface] = dumpcap;
    return { received, dropped: { kernel, interface: byInterface, helper: own + flushed } };
  }
  const received = [...said.matchAll(/(\d+) packets? received by filter/g)].at(-1);
  const kernel = [...said.matchAll(/(\d+) packets? dropped by kernel/g)].at(-1);
  const byInterface = [...said.matchAll(/(\d+) packets? dropped by interface/g)].at(-1);
  if (!received || !kernel) return null;
  const dropped = { kernel: Number(kernel[1]), interface: Number(byInterface?.[1] ?? 0), helper: 0 };
  return { received: Number(received[1]), dropped };
}

/** Why a helper ended, in one line that says what to do. */
export function captureFault(tool: CaptureTool, wish: CaptureWish, end: ChildEnd): AirherdError {
  const { interfaceName } = wish;
  const path = pathOf(tool);
  if (path === null) {
    return new AirherdError('source-tool', { tool, run: `sudo apt-get install ${PACKAGES[tool]}` });
  }
  const denied = end.startFault === 'EACCES' || /permi(ssion|tted)|privileges/i.test(end.said);
  // tcpdump says it of interfaces that are not there, too: that one looks first.
  if (interfaceName !== 'any' && !existsSync(`/sys/class/net/${interfaceName}`)) {
    return new AirherdError('source-interface', { interface: interfaceName });
  }
  if (denied) {
    const run = `sudo setcap cap_net_raw,cap_net_admin=eip ${path}`;
    return new AirherdError('source-privilege', { tool, what: `capture on ${interfaceName}`, run });
  }
  const detail = lastWords(end);
  return new AirherdError('source-interrupted', { source: `${tool}:${interfaceName}`, detail });
}

/** What it said last that is no statistics; else how it ended. */
export function lastWords({ said, signal, code, startFault }: ChildEnd): string {
  if (startFault !== null) return `it cannot be started (${startFault})`;
  if (signal !== null) return `it was ended by ${signal}`;
  const chatter = /^(Capturing on|File: |Packets (captured|received)|\d+ packets|.*listening on )/;
  const lines = said.split('\n').filter((line) => line.trim() !== '' && !chatter.test(line));
  return lines[0]?.slice(0, 200) ?? `it ended with code ${code}`;
}
