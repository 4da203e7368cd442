import {
  type Agent,
  type AgentConfigInput,
  type AgentEvent,
  createAgent,
  type Firmware,
  parseConfig,
} from '../../agent/index.ts';
import type { Authority } from '../../certs/authority.ts';
import type { Identity } from '../../certs/identity.ts';
import { issueServer } from '../../certs/issue-server.ts';
import { manufacture } from '../../certs/manufacture.ts';
import { nodeClock } from '../../platform/node/clock.ts';
import { nodeDialer } from '../../platform/node/dial.ts';
import { nodeRandom } from '../../platform/node/random.ts';
import type { Clock } from '../../platform/ports/clock.ts';
import type { FileStore } from '../../platform/ports/files.ts';
import type { CapturedFrame, Source } from '../../platform/ports/source.ts';
import type { Dialer } from '../../platform/ports/transport.ts';
import { FakeCloud, type FakeCloudOptions } from './fake-cloud.ts';

export const DAY_MS = 86_400_000;

export async function device(authority: Authority, keyType: 'p256' | 'rsa2048' = 'p256'): Promise<Identity> {
  const [identity] = await manufacture({ kind: 'ap', count: 1, authority, keyType, nowMs: Date.now() });
  return identity;
}

/** A cloud with a good certificate for 127.0.0.1, unless told otherwise. */
export async function fakeCloud(
  authority: Authority,
  identity: Identity,
  options: Partial<FakeCloudOptions> = {},
): Promise<FakeCloud> {
  const { certificatePem, privateKeyPem } = await serverCertificate(authority);
  return FakeCloud.start({
    certificatePem,
    privateKeyPem,
    clientCaPem: [authority.rootPem, authority.devices.pem],
    serial: identity.serial,
    factoryKey: identity.factoryKey,
    ...options,
  });
}

export function serverCertificate(authority: Authority, nowMs = Date.now(), days = 30) {
  return issueServer(authority, { names: ['localhost'], ips: ['127.0.0.1'], days, nowMs });
}

export interface LabOptions {
  identity: Identity;
  url: string;
  config?: Partial<AgentConfigInput>;
  cloud?: Partial<AgentConfigInput['cloud']>;
  dialer?: Dialer;
  clock?: Clock;
  files?: FileStore | null;
  sources?: Source[];
  saveIdentity?(identity: Identity): Promise<void>;
  upgrade?: Firmware;
}

/** An agent, started, and what it said. */
export async function startAgent(options: LabOptions) {
  const events: AgentEvent[] = [];
  const watchers = new Set<() => void>();
  const agent: Agent = createAgent({
    identity: options.identity,
    config: parseConfig(
      {
        backoff: { minMs: 10, maxMs: 50 },
        report: { flushMs: 20, statsMs: 60_000 },
        ...options.config,
        cloud: { url: options.url, timeoutMs: 5_000, ...options.cloud },
      },
      'test',
    ),
    dialer: options.dialer ?? nodeDialer,
    clock: options.clock ?? nodeClock,
    random: nodeRandom,
    files: options.files ?? null,
    sources: options.sources ?? [],
    saveIdentity: options.saveIdentity,
    upgrade: options.upgrade,
    firmware: options.upgrade?.boot.version ?? 'test',
    notBeforeMs: 0,
    onEvent: (event) => {
      events.push(event);
      const waiting = [...watchers];
      watchers.clear();
      for (const resolve of waiting) resolve();
    },
  });
  await agent.start();
  /** Resolves with the first event of this type that `matches`. */
  const event = async <T extends AgentEvent['type']>(
    type: T,
    matches: (event: Extract<AgentEvent, { type: T }>) => boolean = () => true,
  ): Promise<Extract<AgentEvent, { type: T }>> => {
    for (let at = 0; ; at++) {
      while (at >= events.length) await new Promise<void>((resolve) => watchers.add(resolve));
      const candidate = events[at];
      if (candidate.type === type) {
        const found = candidate as Extract<AgentEvent, { type: T }>;
        if (matches(found)) return found;
      }
    }
  };
  const opened = () => event('state', ({ state }) => state === 'open');
  const failed = async () => (await event('failure')).error;
  return { agent, events, event, opened, failed };
}

/** A source that gives these frames, then waits until it is stopped or `release`d. */
export function framesSource(frames: readonly CapturedFrame[], { stay = false } = {}): Source {
  let given = 0;
  return {
    name: 'test frames',
    async *frames(signal) {
      for (const frame of frames) {
        given++;
        yield [frame];
      }
      if (stay && !signal.aborted) {
        await new Promise<void>((resolve) =>
          signal.addEventListener('abort', () => resolve(), { once: true }),
        );
      }
    },
    counts: () => ({ frames: given, bytes: 0, dropped: 0 }),
  };
}
