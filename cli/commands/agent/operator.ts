import { arch, platform, release } from 'node:os';
import type { AgentConfig } from '../../../agent/index.ts';
import type { Identity } from '../../../certs/identity.ts';

/** An agent without lights makes itself known where somebody may look: its terminal, and its journal. */
export function sayWhere(serial: string): (seconds: number) => void {
  return (seconds) => {
    const bell = process.stderr.isTTY ? '\u0007' : '';
    console.error(`${bell}airherd: this is ${serial}; somebody looks for it, for ${seconds} s`);
  };
}

/** For a support bundle: what the agent runs on, and its settings without secrets. */
export function aboutThisAgent(identity: Identity, config: AgentConfig): Record<string, unknown> {
  const { kind, model, notAfterMs, keyGeneration } = identity;
  const { password: _, username: __, trustPem, ...cloud } = config.cloud;
  return {
    ...{ kind, model, certificateNotAfter: new Date(notAfterMs).toISOString(), keyGeneration },
    runtime: { node: process.version, platform: platform(), release: release(), arch: arch() },
    memory: process.memoryUsage(),
    settings: {
      ...config,
      cloud: { ...cloud, trustedAuthorities: trustPem.length },
      status: config.status && { listen: config.status.listen },
    },
  };
}
