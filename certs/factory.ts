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
    // two parts for each, so that a thread has the next one before it is asked for
    await Promise.all([...workers, ...workers].map(work));
    await turn;
  } finally {
    await Promise.all(workers.map((worker) => worker.close()));
  }
}

interface Waiting {
  resolve(identities: Identity[]): void;
  reject(reason: unknown): void;
}

/** Answers in the order that it was asked in. */
class FactoryThread {
  readonly #worker: Worker;
  readonly #waiting: Waiting[] = [];
  #failure: unknown = null;

  constructor(script: URL, setup: FactorySetup) {
    this.#worker = new Worker(script, { workerData: setup });
    this.#worker.on('message', (reply: FactoryReply) => {
      const waiting = this.#waiting.shift();
      if (reply.ok) waiting?.resolve(reply.identities.map(revive));
      else waiting?.reject(reply.error);
    });
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', (code) => this.#fail(new Error(`a factory thread ended with code ${code}`)));
  }

  #fail(reason: unknown): void {
    this.#failure ??= reason;
    for (const waiting of this.#waiting.splice(0)) waiting.reject(reason);
  }

  make(plans: readonly IdentityPlan[]): Promise<Identity[]> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
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
    olderOutboxKeys: [],
    certificateSha256: Buffer.from(identity.certificateSha256),
  };
}
