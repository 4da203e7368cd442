import { AirherdError } from '../../../protocol/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Finding } from '../../ports/finding.ts';
import { startChild } from './child.ts';
import { askedByEvents, DaemonSource } from './daemon-source.ts';
import { eventLines } from './event-lines.ts';
import { type HostapdStatus, readEvent, readStations, readStatus } from './hostapd-text.ts';
import { runTool, type Tool, toolFault } from './run-tool.ts';

export const DEFAULT_CONTROL = '/run/hostapd';
const PERIOD_MS = 5000;

export const hostapdTool = (control: string): Tool => ({
  program: 'hostapd_cli',
  package: 'hostapd',
  permit: `sudo chgrp airherd ${control} (or ctrl_interface_group=airherd in hostapd.conf)`,
});

/**
 * hostapd answers to a socket that hostapd_cli makes, in /tmp unless told otherwise. A service whose /tmp is its own has a
 * folder that both see (systemd.exec(5), RuntimeDirectory=).
 */
function ownSocket(): string[] {
  const [folder] = process.env.RUNTIME_DIRECTORY?.split(':') ?? [];
  return folder ? ['-s', folder] : [];
}

/**
 * An access point's own word about its stations, by hostapd's control interface: its events as they happen, and all
 * stations every five seconds. Node has no datagram sockets of the kind; `hostapd_cli` has.
 */
export function hostapdSource(
  interfaceName: string,
  clock: Clock,
  control = DEFAULT_CONTROL,
  periodMs = PERIOD_MS,
): DaemonSource {
  const name = `hostapd:${interfaceName}`;
  const tool = hostapdTool(control);
  const words = (...more: string[]) => ['-p', control, ...ownSocket(), '-i', interfaceName, ...more];
  return new DaemonSource(name, clock, async function* (signal) {
    const ap = await statusOf();
    // Each event is printed by the program that is to be run for it.
    const child = startChild(tool.program, words('-a', '/bin/echo'));
    const events = eventLines(child, (end) => toolFault(tool, name, end));
    try {
      yield* askedByEvents(clock, periodMs, signal, events, async (lines) => {
        const said = await runTool(tool, words('all_sta'), name);
        const nowMs = clock.wallMs();
        const happened: Finding[] = lines.flatMap((line) => readEvent(line, ap, nowMs));
        return [...happened, ...readStations(said, ap, interfaceName, nowMs)];
      });
    } finally {
      await child.stop();
    }
  });

  async function statusOf(): Promise<HostapdStatus> {
    const said = await runTool(tool, words('status'), name);
    if (!said.includes('=')) {
      const detail = said.trim().slice(0, 80) || 'nothing';
      throw new AirherdError('source-version', { tool: tool.program, detail, tested: 'hostapd 2.10' });
    }
    const ap = readStatus(said);
    if (ap.isEnabled) return ap;
    throw new AirherdError('source-interrupted', { source: name, detail: 'the access point is not enabled' });
  }
}
