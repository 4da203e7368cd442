import { Worker } from 'node:worker_threads';
import type { ShardSnapshot, WorkerLink } from '../../../fleet/index.ts';
import { AirherdError, type ErrorCode, type ErrorParameters } from '../../../protocol/errors.ts';
import { type Beginning, loadShard, runLoadedShard, type ShardSetup } from './shard.ts';

export type ToThread = ({ type: 'begin' } & Beginning) | { type: 'stop' };
export type FromThread =
  | { type: 'ready' }
  | { type: 'failed'; code: ErrorCode; parameters: ErrorParameters }
  | { type: 'snapshot'; snapshot: ShardSnapshot }
  | { type: 'final'; snapshot: ShardSnapshot };

/** Node 20 runs no TypeScript in a thread: from source, all workers share the calling one. */
const THREAD = import.meta.url.endsWith('.ts') ? null : new URL('./thread.js', import.meta.url);

/** A worker for each share. A single one needs no thread of its own. */
export function startWorkers(setup: Omit<ShardSetup, 'worker'>): WorkerLink[] {
  return Array.from({ length: setup.workers }, (_, worker) =>
    setup.workers === 1 ? inThisThread({ ...setup, worker }) : startWorker({ ...setup, worker }),
  );
}

/** The worker of one share, in a thread of its own. */
export const startWorker = (setup: ShardSetup): WorkerLink =>
  THREAD === null ? inThisThread(setup) : inThread(THREAD, setup);

function inThisThread(setup: ShardSetup): WorkerLink {
  const stop = new AbortController();
  const loaded = loadShard(setup);
  const final = settleable<ShardSnapshot>();
  let latest: ShardSnapshot | null = null;
  return {
    ready: loaded.then(() => {}),
    begin(startWallMs, resumeWallMs) {
      const onSnapshot = (snapshot: ShardSnapshot) => {
        latest = snapshot;
      };
      loaded
        .then((identities) =>
          runLoadedShard(setup, identities, { startWallMs, resumeWallMs }, onSnapshot, stop.signal),
        )
        .then(final.resolve, final.reject);
    },
    stop: () => stop.abort(),
    get latest() {
      return latest;
    },
    final: final.promise,
    kill: async () => stop.abort(),
  };
}

function inThread(script: URL, setup: ShardSetup): WorkerLink {
  const thread = new Worker(script, { workerData: setup });
  const ready = settleable<void>();
  const final = settleable<ShardSnapshot>();
  let latest: ShardSnapshot | null = null;
  const fail = (error: unknown) => {
    ready.reject(error);
    final.reject(error);
  };
  thread.on('message', (message: FromThread) => {
    switch (message.type) {
      case 'ready':
        return ready.resolve();
      case 'failed':
        return fail(new AirherdError(message.code, message.parameters));
      case 'snapshot':
        latest = message.snapshot;
        return;
      case 'final':
        return final.resolve(message.snapshot);
    }
  });
  thread.on('error', fail);
  thread.on('exit', (code) => fail(new Error(`a worker ended with code ${code}`)));
  const say = (message: ToThread) => thread.postMessage(message);
  return {
    ready: ready.promise,
    begin: (startWallMs, resumeWallMs) => say({ type: 'begin', startWallMs, resumeWallMs }),
    stop: () => say({ type: 'stop' }),
    get latest() {
      return latest;
    },
    final: final.promise,
    kill: async () => {
      await thread.terminate();
    },
  };
}

interface Settleable<T> {
  promise: Promise<T>;
  resolve(value: T): void;
  reject(reason: unknown): void;
}

/** Its rejection is no fault while nobody waits for it. */
function settleable<T>(): Settleable<T> {
  let resolve: (value: T) => void = () => {};
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<T>((take, refuse) => {
    resolve = take;
    reject = refuse;
  });
  promise.catch(() => {});
  return { promise, resolve, reject };
}
