/** Configuration of a lab's devices: quick to try again, with a disk of some megabytes. */
import { type AgentConfig, type AgentConfigInput, type Boot, parseConfig } from '../agent/index.ts';
import type { Target } from './target.ts';

/** What a firmware image brings lies over the rest, section by section. */
export function labConfig(
  { url, config: cloud }: Pick<Target, 'url' | 'config'>,
  config: Partial<AgentConfigInput>,
  name: string,
  brought: Boot['settings'] = {},
): AgentConfig {
  const sections = new Map<string, unknown>(
    Object.entries({
      backoff: { minMs: 500, maxMs: 5_000 },
      outbox: { fsyncMs: 0, limitBytes: 4 * 1024 * 1024, segmentBytes: 256 * 1024 },
      ...config,
      cloud: { serverName: 'localhost', timeoutMs: 5_000, ...cloud, url },
    }),
  );
  for (const [section, inner] of Object.entries(brought)) {
    sections.set(section, Object.assign({}, sections.get(section), inner));
  }
  return parseConfig(Object.fromEntries(sections), `lab ${name}`);
}
