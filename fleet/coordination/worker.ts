import type { Clock } from '../../platform/ports/clock.ts';
import { AirherdError } from '../../protocol/errors.ts';
import { type FleetConfig, parseFleetConfig } from '../config.ts';
import type { WorkerLink } from '../coordinate-run.ts';
import type { Bus } from './bus.ts';
import { type Order, order, orderTopic, parseMessage, type Report, reportTopic } from './messages.ts';

export interface FleetWorkerOptions {
  run: string;
  name: string;
  session: string;
  bus: Bus;
  clock: Clock;
  /** Looks whether this machine may and can take part; throws an AirherdError when not. */
  prepare(
    config: FleetConfig,
  ): Promise<{ serialsDigest: string; start(shard: number, shards: number): WorkerLink }>;
  onNews(text: string): void;
}

/** One share of the run on this machine. */
interface Share {
  link: WorkerLink;
  begun: boolean;
  /** It ends, and may be given anew. */
  stopping: boolean;
}

const ALIVE_MS = 1_000;
const SNAPSHOT_MS = 500;

/** Does what a coordinator says until the run is over or `signal` aborts. */
export async function workForFleet(options: FleetWorkerOptions, signal: AbortSignal): Promise<void> {
  const { bus, clock, name, onNews, run, session } = options;
  const say = (message: Report) => bus.publish(reportTopic(run, name), message);
  const shares = new Map<number, Share>();
  let over: () => void = () => {};
  const ended = new Promise<void>((resolve) => {
    over = resolve;
  });
  const prepare = async ({ shard, shards, config }: Extract<Order, { type: 'prepare' }>) => {
    // Heard twice (QoS 1 says at least once), unless it had been taken away from us and is given back.
    const before = shares.get(shard);
    if (before && !before.stopping) return;
    await before?.link.final.catch(() => {});
    try {
      const prepared = await options.prepare(parseFleetConfig(config, 'coordinator'));
      const share: Share = { link: prepared.start(shard, shards), begun: false, stopping: false };
      shares.set(shard, share);
      const { link } = share;
      const forget = () => {
        if (shares.get(shard) === share) shares.delete(shard);
        void link.kill();
      };
      link.final.then(
        (snapshot) => {
          forget();
          say({ type: 'final', shard, snapshot });
        },
        (error: unknown) => {
          forget();
          say(failure(shard, error));
        },
      );
      await link.ready;
      onNews(`share ${shard + 1} of ${shards} is ready`);
      say({ type: 'ready', shard, serials: prepared.serialsDigest });
    } catch (error) {
      say(failure(shard, error));
    }
  };
  const stop = (number: number): void => {
    const share = shares.get(number);
    if (!share) return;
    share.stopping = true;
    if (share.begun) share.link.stop();
    else {
      shares.delete(number);
      void share.link.kill();
    }
  };
  const begin = ({ shard, startWallMs, resumeWallMs }: Extract<Order, { type: 'begin' }>): void => {
    const share = shares.get(shard);
    if (!share || share.begun || share.stopping) return;
    share.begun = true;
    share.link.begin(startWallMs, resumeWallMs);
  };
  const obey = (message: Order): void => {
    switch (message.type) {
      case 'ping':
        return void say({ type: 'pong', id: message.id, wallMs: clock.wallMs() });
      case 'prepare':
        return void prepare(message);
      case 'begin':
        return void begin(message);
      case 'stop':
        return void stop(message.shard);
      case 'done':
        return void over();
    }
  };
  await bus.subscribe(orderTopic(run, name), (_topic, payload) => {
    const message = parseMessage(order, payload);
    if (message) obey(message);
  });
  const alive = () => say({ type: 'alive', session });
  alive();
  const timers = [
    clock.every(ALIVE_MS, alive),
    clock.every(SNAPSHOT_MS, () => {
      for (const [shard, { link }] of shares) {
        const { latest } = link;
        if (latest) say({ type: 'snapshot', shard, snapshot: latest });
      }
    }),
  ];
  const onAbort = () => over();
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) over();
  try {
    await ended;
  } finally {
    for (const timer of timers) timer.cancel();
    signal.removeEventListener('abort', onAbort);
    if (signal.aborted) say({ type: 'gone', session });
    await Promise.all([...shares.values()].map(({ link }) => link.kill()));
  }
}

function failure(shard: number, error: unknown): Report {
  if (error instanceof AirherdError) {
    return { type: 'failed', shard, code: error.code, parameters: error.parameters };
  }
  const detail = error instanceof Error ? error.message : String(error);
  return { type: 'failed', shard, code: 'internal', parameters: { detail } };
}
