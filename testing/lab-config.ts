/** Configuration of a lab's devices: quick to try again, with a disk of some megabytes. */
import { type AgentConfig, type AgentConfigInput, parseConfig, sectionsOver } from '../agent/index.ts';
import type { Target } from './target.ts';

/** Over the rest, section by section, the later ones over the earlier: what the cloud configured, what a firmware image brings. */
export function labConfig(
  { url, config: cloud }: Pick<Target, 'url' | 'config'>,
  config: Partial<AgentConfigInput>,
  name: string,
  ...over: Readonly<Record<string, unknown>>[]
): AgentConfig {
  const base = {
    backoff: { minMs: 500, maxMs: 5_000 },
    outbox: { fsyncMs: 0, limitBytes: 4 * 1024 * 1024, segmentBytes: 256 * 1024 },
    ...config,
    cloud: { serverName: 'localhost', timeoutMs: 5_000, ...cloud, url },
  };
  return parseConfig(sectionsOver(base, ...over), `lab ${name}`);
}
