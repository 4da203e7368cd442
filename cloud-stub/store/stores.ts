import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Clock, Timer } from '../../platform/ports/clock.ts';
import type { Random } from '../../platform/ports/random.ts';
import { AirherdError } from '../../protocol/errors.ts';
import type { Registry } from '../registry/registry.ts';
import { Ballast } from './ballast.ts';
import { isFull } from './database.ts';
import { type OrgStore, openOrgStore } from './org-store.ts';

export interface StoresOptions {
  dir: string;
  registry: Registry;
  clock: Clock;
  random: Random;
  log: Logger;
  /** How often to see whether a full disk has room again. */
  probeMs: number;
  quotaBytes?: number;
}

/** All organisations' stores, opened when first asked for; knows whether there is room to write. */
export class Stores {
  readonly #options: StoresOptions;
  readonly #open = new Map<string, OrgStore>();
  readonly #ballast: Ballast;
  readonly #folder: string;
  #probe: Timer | null = null;

  constructor(options: StoresOptions) {
    this.#options = options;
    this.#folder = join(options.dir, 'orgs');
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    this.#ballast = new Ballast(options.dir);
    if (!this.#ballast.restore()) this.#becomeFull();
  }

  get full(): boolean {
    return this.#probe !== null;
  }

  /** Throws store-full while there is no room: what the ballast left is for closing and for saying so. */
  needRoom(): void {
    if (this.full) throw new AirherdError('store-full', { path: this.#folder });
  }

  of(orgId: string): OrgStore {
    const found = this.#open.get(orgId);
    if (found) return found;
    const { registry, random, quotaBytes } = this.#options;
    const path = join(this.#folder, `${orgId}.db`);
    const keys = registry.orgKeys.keys(orgId);
    const store = openOrgStore({
      path,
      orgId,
      keys,
      random,
      quotaBytes,
    });
    if (keys.previous) registry.orgKeys.finish(orgId);
    this.#open.set(orgId, store);
    return store;
  }

  /** Gives the organisation another key. What was not finished is finished when the store is next opened. */
  rotateKey(orgId: string): void {
    const { orgKeys } = this.#options.registry;
    const store = this.of(orgId);
    store.rewrap(orgKeys.begin(orgId));
    orgKeys.finish(orgId);
  }

  /** Closes the store and removes its files. Whoever holds it must let go first. */
  remove(orgId: string): void {
    this.#open.get(orgId)?.close();
    this.#open.delete(orgId);
    for (const suffix of ['', '-wal', '-shm']) {
      rmSync(join(this.#folder, `${orgId}.db${suffix}`), { force: true });
    }
  }

  /** Runs `work`; when there was no room, says so once and throws store-full. */
  write<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!isFull(error)) throw error;
      this.#becomeFull();
      throw new AirherdError('store-full', { path: this.#folder }, { cause: error });
    }
  }

  #becomeFull(): void {
    if (this.#probe) return;
    const { clock, log, probeMs } = this.#options;
    this.#ballast.release();
    const error = new AirherdError('store-full', { path: this.#folder });
    log.error({ code: error.code }, error.message);
    this.#probe = clock.every(probeMs, () => {
      if (!this.#ballast.restore() || ![...this.#open.values()].every((store) => store.hasRoom())) return;
      this.#probe?.cancel();
      this.#probe = null;
      log.info('the store has room again');
    });
  }

  close(): void {
    this.#probe?.cancel();
    this.#probe = null;
    for (const store of this.#open.values()) store.close();
    this.#open.clear();
  }
}
