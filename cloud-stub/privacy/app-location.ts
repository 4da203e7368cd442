/**
 * Places of people whose app they let say so. An app is located by itself, not by access points: it opts in, says
 * where it is, and withdraws. Known by a key that only that installation has; there is nothing without its opt-in.
 */
import { createHash } from 'node:crypto';
import type { OrgStore } from '../store/org-store.ts';
import type { StoredState } from '../store/state.ts';
import { mentions } from './mentions.ts';

/** In the place of a device's serial: an app said so. */
const APP_SERIAL = 'app';
const DAY_MS = 86_400_000;

/** What somebody agreed to in the app: which text, in which language, when. */
export interface AppConsent {
  textVersion: string;
  language: string;
  atMs: number;
}

/** Name and address, where the app gave them, are where a search for data subjects looks. */
interface AppPerson {
  userName?: string;
  email?: string;
}

export interface AppOptIn extends AppPerson {
  /** Names the installation to readers, who cannot report in its name. */
  id: string;
  consent: AppConsent;
}

/** On the site's map, never a position on Earth. */
export interface AppPosition {
  xM: number;
  yM: number;
  floor?: string;
  accuracyM: number;
}

export interface AppPlace extends AppOptIn {
  position: AppPosition;
}

/** Why a position was not taken. */
export type Refusal = 'no-opt-in' | 'restricted';

/** The apps of one site. */
export class AppLocations {
  readonly #store: OrgStore;
  readonly #siteId: string;

  constructor(store: OrgStore, siteId: string) {
    this.#store = store;
    this.#siteId = siteId;
  }

  /** Records the consent; a newer one replaces it. Where the person was under the older one is forgotten. */
  optIn(
    key: string,
    person: AppPerson,
    consent: Omit<AppConsent, 'atMs'>,
    nowMs: number,
  ): AppOptIn | 'restricted' {
    const id = createHash('sha256').update(`app ${key}`).digest('hex').slice(0, 32);
    const optIn: AppOptIn = { id, ...person, consent: { ...consent, atMs: nowMs } };
    if (this.#isRestricted(optIn)) return 'restricted';
    this.#store.transaction(() => {
      this.#put('app-opt-in', key, optIn, nowMs);
      this.#store.state.remove('app-place', [this.#siteId, key]);
    });
    return optIn;
  }

  /** Takes the newest position in place of the one before. Null when it was taken. */
  report(key: string, position: AppPosition, nowMs: number): Refusal | null {
    const found = this.#store.state.get<AppOptIn>('app-opt-in', [this.#siteId, key]);
    if (!found) return 'no-opt-in';
    if (this.#isRestricted(found.value)) return 'restricted';
    this.#store.transaction(() => {
      // An opt-in in use does not expire: it is kept as long as other data after its last use.
      if (nowMs - found.seenMs > DAY_MS) this.#put('app-opt-in', key, found.value, nowMs);
      this.#put('app-place', key, { ...found.value, position } satisfies AppPlace, nowMs);
    });
    return null;
  }

  /** Forgets the opt-in, and where the person is. Null when there was none. */
  withdraw(key: string): AppOptIn | null {
    const { state } = this.#store;
    const recordKey = [this.#siteId, key];
    const found = state.get<AppOptIn>('app-opt-in', recordKey);
    if (!found) return null;
    this.#store.transaction(() => {
      state.remove('app-opt-in', recordKey);
      state.remove('app-place', recordKey);
    });
    return found.value;
  }

  /** Newest first. */
  places(window: { limit: number; offset: number }): { total: number; places: StoredState<AppPlace>[] } {
    const { state } = this.#store;
    const filter = { siteId: this.#siteId };
    return {
      total: state.count('app-place', filter),
      places: state.list<AppPlace>('app-place', { ...filter, ...window }),
    };
  }

  #isRestricted(person: AppPerson): boolean {
    const { subjects } = this.#store;
    return mentions(person).some(({ kind, value }) => subjects.isRestricted(subjects.indexOf(kind, value)));
  }

  #put(kind: 'app-opt-in' | 'app-place', key: string, value: object, nowMs: number): void {
    this.#store.state.put({
      kind,
      key: [this.#siteId, key],
      siteId: this.#siteId,
      serial: APP_SERIAL,
      seenMs: nowMs,
      receivedMs: nowMs,
      value,
    });
  }
}
