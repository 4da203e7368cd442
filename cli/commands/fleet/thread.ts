/** The thread of workers.ts: one share of a run. */
import { parentPort, workerData } from 'node:worker_threads';
import { AirherdError } from '../../../protocol/errors.ts';
import { loadShard, runLoadedShard, type ShardSetup } from './shard.ts';
import type { FromThread, ToThread } from './workers.ts';

const setup: ShardSetup = workerData;
const stop = new AbortController();
const say = (message: FromThread): void => parentPort?.postMessage(message);

function fail(error: unknown): void {
  if (!(error instanceof AirherdError)) throw error;
  say({ type: 'failed', code: error.code, parameters: error.parameters });
}

const identities = await loadShard(setup).catch(fail);
if (identities) {
  parentPort?.on('message', (message: ToThread) => {
    if (message.type === 'stop') return stop.abort();
    void runLoadedShard(
      setup,
      identities,
      message,
      (snapshot) => say({ type: 'snapshot', snapshot }),
      stop.signal,
    ).then((snapshot) => say({ type: 'final', snapshot }));
  });
  say({ type: 'ready' });
}
