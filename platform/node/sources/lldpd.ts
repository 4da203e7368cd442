import { AirherdError } from '../../../protocol/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { NeighbourFinding } from '../../ports/finding.ts';
import { startChild } from './child.ts';
import { askedByEvents, DaemonSource } from './daemon-source.ts';
import { eventLines } from './event-lines.ts';
import { readNeighbours } from './lldpcli-json.ts';
import { runTool, type Tool, toolFault } from './run-tool.ts';

export const DEFAULT_SOCKET = '/run/lldpd.socket';
/** Neighbours speak every 30 s (IEEE 802.1AB 9.2.5.7); what changes comes at once by `watch`. */
const PERIOD_MS = 30_000;

export const lldpTool: Tool = {
  program: 'lldpcli',
  package: 'lldpd',
  permit: 'sudo usermod -aG _lldpd $USER',
};

/** What the device says of itself, where lldpd speaks for it. */
export interface Announcement {
  systemName: string;
  systemDescription: string;
  /** Interfaces on which power is asked for. */
  ports: readonly string[];
  /** Asked of the switch in the power TLV (IEEE 802.3 79.3.2), milliwatts. */
  powerMw: number;
}

export interface LldpdOptions {
  socket?: string;
  clock: Clock;
  announce?: Announcement;
  periodMs?: number;
}

/** Neighbours from a running lldpd; with `announce` it also tells them of us. */
export function lldpdSource({
  socket = DEFAULT_SOCKET,
  clock,
  announce,
  periodMs = PERIOD_MS,
}: LldpdOptions): DaemonSource {
  const name = `lldpd:${socket}`;
  const ask = (...words: string[]) => runTool(lldpTool, ['-u', socket, ...words], name);
  return new DaemonSource(name, clock, async function* (signal) {
    if (announce) for (const words of announcementWords(announce)) await ask(...words);
    const child = startChild(lldpTool.program, ['-u', socket, '-f', 'json0', 'watch']);
    const events = eventLines(child, (end) => toolFault(lldpTool, name, end));
    let known = new Map<string, NeighbourFinding>();
    try {
      yield* askedByEvents(clock, periodMs, signal, events, async () => {
        const said = await ask('-f', 'json0', 'show', 'neighbors', 'details');
        const neighbours = readNeighbours(said, clock.wallMs());
        if (neighbours === null) {
          const detail = said.trim().slice(0, 80);
          throw new AirherdError('source-version', { tool: 'lldpcli', detail, tested: 'lldpd 1.0' });
        }
        const now = new Map(neighbours.map((one) => [`${one.port} ${one.chassisId} ${one.portId}`, one]));
        const gone = [...known].filter(([key]) => !now.has(key)).map(([, one]) => ({ ...one, ttlS: 0 }));
        known = now;
        return [...neighbours, ...gone];
      });
    } finally {
      await child.stop();
    }
  });
}

/** A class 4 device asks for the power that it needs, by the TLVs of IEEE 802.3 and of LLDP-MED. */
export function announcementWords({
  systemName,
  systemDescription,
  ports,
  powerMw,
}: Announcement): string[][] {
  const power = String(powerMw);
  const pd = ['dot3', 'power', 'pd', 'supported', 'enabled', 'paircontrol', 'powerpairs', 'signal'];
  const type2 = ['class', 'class-4', 'type', '2', 'source', 'pse', 'priority', 'high'];
  const med = ['med', 'power', 'pd', 'source', 'pse', 'priority', 'high', 'value', power];
  return [
    ['configure', 'system', 'hostname', systemName],
    ['configure', 'system', 'description', systemDescription],
    ...ports.flatMap((port) => [
      ['configure', 'ports', port, ...pd, ...type2, 'requested', power, 'allocated', power],
      ['configure', 'ports', port, ...med],
    ]),
    ['update'],
  ];
}
