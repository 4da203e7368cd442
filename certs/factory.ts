import { Worker } from 'node:worker_threads';
import type { Authority } from './authority.ts';
import type { Identity } from './identity-text.ts';
import { type IdentityPlan, makeIdentity } from './make-identity.ts';
import { placeIdentity } from './place-identity.ts';
import type { SigningIssuer } from './sign.ts';

/** What every worker needs; a KeyObject travels between threads without being exported. */
export interface FactorySetup {
  issuer: SigningIssuer & { pem: string };
  rootPem: string;
  /** Where identities are placed, each in a folder of its own; null keeps them in memory. */
  devicesDir: string | null;
}

/** One worker's answer to a list of plans. */
export type FactoryReply = { ok: true; identities: Identity[] } | { ok: false; error: unknown };

export function makeAll(setup: FactorySetup, plans: readonly IdentityPlan[]): Identity[] {
  return plans.map((plan) => {
    const identity = makeIdentity(setup.issuer, setup.rootPem, plan);
    if (setup.devicesDir !== null) placeIdentity(setup.devicesDir, identity);
    return identity;
  });
}

export function factorySetup(authority: Authority, devicesDir: string | null): FactorySetup {
  const { pem, subject, keyId, notAfterMs, key } = authority.devices;
  return { issuer: { pem, subject, keyId, notAfterMs, key }, rootPem: authority.rootPem, devicesDir };
}

/** Some tenths of a second of work: often enough for a progress bar, seldom enough to cost nothing. */
const PLANS_AT_ONCE = 16;
/** Below this, starting threads takes longer than they save. */
const WORTH_THREADS = 32;
/** Node 20 runs no TypeScript in a thread: from source everything is made on the calling thread. */
const WORKER = import.meta.url.endsWith('.ts') ? null : new URL('./factory-worker.js', import.meta.url);

export interface FactoryRun {
  plans: readonly IdentityPlan[];
  /** Threads to use at most. */
  cores: number;
  /** Stops after what is under way. */
  signal?: AbortSignal;
}

/**
 * Makes every plan, on all cores when it is worth it. `onMade` is awaited in turn, never at the same time twice;
 * what it throws ends the run.
 */
export async function runFactory(
  setup: FactorySetup,
  { plans, cores, signal }: FactoryRun,
  onMade: (identities: Identity[]) => Promise<void> | void,
): Promise<void> {
  const parts: IdentityPlan[][] = [];
  for (let at = 0; at < plans.length; at += PLANS_AT_ONCE) parts.push(plans.slice(at, at + PLANS_AT_ONCE));
  if (WORKER === null || cores < 2 || plans.length < WORTH_THREADS) {
    for (const part of parts) {
      if (signal?.aborted) return;
      await onMade(makeAll(setup, part));
      // lets a signal handler run between the parts
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    return;
  }
  const workers = Array.from(
    { length: Math.min(cores, parts.length) },
    () => new FactoryThread(WORKER, setup),
  );
  let turn = Promise.resolve();
  const work = async (thread: FactoryThread): Promise<void> => {
    for (let part = parts.shift(); part !== undefined && !signal?.aborted; part = parts.shift()) {
      const identities = await thread.make(part);
      // not awaited before the next part: the thread goes on while this one is stored
      turn = turn.then(() => onMade(identities));
      turn.catch(() => parts.splice(0));
    }
  };
  try {
    await Promise.all(workers.map(work));
    await turn;
  } finally {
    await Promise.all(workers.map((worker) => worker.close()));
  }
}

class FactoryThread {
  readonly #worker: Worker;

  constructor(script: URL, setup: FactorySetup) {
    this.#worker = new Worker(script, { workerData: setup });
  }

  make(plans: readonly IdentityPlan[]): Promise<Identity[]> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        this.#worker.off('message', onMessage);
        this.#worker.off('error', onError);
        this.#worker.off('exit', onExit);
      };
      const onMessage = (reply: FactoryReply) => {
        settle();
        if (reply.ok) resolve(reply.identities.map(revive));
        else reject(reply.error);
      };
      const onError = (error: Error) => {
        settle();
        reject(error);
      };
      const onExit = (code: number) => onError(new Error(`a factory thread ended with code ${code}`));
      this.#worker.on('message', onMessage);
      this.#worker.on('error', onError);
      this.#worker.on('exit', onExit);
      this.#worker.postMessage(plans);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

/** Buffers come out of a message as plain Uint8Arrays. */
function revive(identity: Identity): Identity {
  return {
    ...identity,
    factoryKey: Buffer.from(identity.factoryKey),
    certificateSha256: Buffer.from(identity.certificateSha256),
  };
}
