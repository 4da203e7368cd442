import { type AgentConfig, parseConfig } from '../agent/index.ts';
import type { FleetConfig } from './config.ts';
import { cloudSettings } from './target/settings.ts';

/** A real device looks at what has changed this often, and reports its own health as often as that. */
const FLUSH_MS = 10_000;
const STATS_MS = 60_000;
/** Rate 0: the timers of Node go no further. */
const NEVER_MS = 2 ** 31 - 1;
const MAX_HOSTS = 16;

/** All devices of a run have one: it is frozen. */
const agentConfigs = new WeakMap<FleetConfig, AgentConfig>();

/** What a run's settings mean for each of its agents. */
export function agentConfigOf(config: FleetConfig): AgentConfig {
  const known = agentConfigs.get(config);
  if (known !== undefined) return known;
  const { rate } = config.telemetry;
  const made = parseConfig(
    {
      cloud: {
        url: config.cloud,
        serverName: config.serverName,
        timeoutMs: config.timeout,
        ...cloudSettings(config.target),
      },
      // The generator's clock is the machine's.
      clock: { trusted: true },
      backoff: { minMs: config.backoff.min, maxMs: config.backoff.max },
      outbox: { path: 'memory', limitBytes: config.outboxBytes },
      report: {
        flushMs: rate === 0 ? NEVER_MS : Math.max(1, Math.round(FLUSH_MS / rate)),
        statsMs: rate === 0 ? NEVER_MS : Math.max(1, Math.round(STATS_MS / rate)),
        maxHosts: MAX_HOSTS,
      },
    },
    'fleet',
  );
  agentConfigs.set(config, made);
  return made;
}
