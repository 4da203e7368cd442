import type { OrgStore } from '../store/org-store.ts';
import type { StoredState } from '../store/state.ts';
import type { Portal } from './portals.ts';
import { type PortalLanguage, textSha256 } from './settings.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** Who is counted for `guestsAtOnce`, and shown in lists. */
const MOST_GUESTS = 10_000;
/** In the place of a device's serial: the portal itself said so. */
export const PORTAL_SERIAL = 'portal';

/** The device that asks: by the MAC address that an access point reported with its address, else by that alone. */
export interface GuestDevice {
  mac?: Uint8Array;
  address: string;
}

/** What a guest agreed to: which text, in which language, when. */
export interface GuestConsent {
  textVersion: number;
  textSha256: string;
  language: PortalLanguage;
  atMs: number;
}

/** A guest, as it rests, sealed. Name, address and MAC are where a search for data subjects looks. */
export interface Guest {
  mac?: Uint8Array;
  ip4?: string[];
  ip6?: string[];
  userName?: string;
  email?: string;
  /** The other fields, by name. */
  answers: Record<string, string>;
  network: string;
  consent: GuestConsent;
  /** Begin of the sessions of the last day, this one's included. */
  sessionsMs: number[];
  authorisedMs: number;
  expiresMs: number;
}

export type Admission =
  | { ok: true; guest: Guest }
  | { ok: false; why: 'sessions' | 'full'; againMs: number | null };

const keyOf = ({ mac, address }: GuestDevice): (string | Uint8Array)[] =>
  mac ? ['mac', mac] : ['ip', address];

/** The guests of one site. */
export class Guests {
  readonly #store: OrgStore;
  readonly #portal: Portal;

  constructor(store: OrgStore, portal: Portal) {
    this.#store = store;
    this.#portal = portal;
  }

  find(device: GuestDevice): Guest | null {
    return this.#store.state.get<Guest>('guest', [this.#portal.siteId, ...keyOf(device)])?.value ?? null;
  }

  /** How long the device still has access; 0 for none. */
  remainingMs(device: GuestDevice, nowMs: number): number {
    return Math.max(0, (this.find(device)?.expiresMs ?? 0) - nowMs);
  }

  list(): StoredState<Guest>[] {
    return this.#store.state.list<Guest>('guest', {
      siteId: this.#portal.siteId,
      limit: MOST_GUESTS,
      offset: 0,
    });
  }

  /** Records the consent, and gives access. */
  admit(
    device: GuestDevice,
    answers: Readonly<Record<string, string>>,
    language: PortalLanguage,
    nowMs: number,
  ): Admission {
    const { sessionMinutes, sessionsPerDay, guestsAtOnce, texts, defaultLanguage, version, network } =
      this.#portal;
    const before = this.find(device);
    const sessionsMs = (before?.sessionsMs ?? []).filter((atMs) => nowMs - atMs < DAY_MS);
    if (sessionsPerDay > 0 && sessionsMs.length >= sessionsPerDay) {
      return { ok: false, why: 'sessions', againMs: sessionsMs[0] + DAY_MS };
    }
    const hasAccess = (before?.expiresMs ?? 0) > nowMs;
    if (guestsAtOnce > 0 && !hasAccess && this.#active(nowMs) >= guestsAtOnce) {
      return { ok: false, why: 'full', againMs: null };
    }
    const text = texts[language] ?? texts[defaultLanguage];
    const { name, email, ...rest } = answers;
    const guest: Guest = {
      ...(device.mac && { mac: device.mac }),
      ...(device.address.includes(':') ? { ip6: [device.address] } : { ip4: [device.address] }),
      ...(name && { userName: name }),
      ...(email && { email }),
      answers: rest,
      network,
      consent: { textVersion: version, textSha256: text ? textSha256(text) : '', language, atMs: nowMs },
      sessionsMs: [...sessionsMs, nowMs],
      authorisedMs: nowMs,
      expiresMs: nowMs + sessionMinutes * MINUTE_MS,
    };
    this.#put(device, guest, nowMs);
    return { ok: true, guest };
  }

  /** From now on another whole session, where the customer lets it. */
  extend(device: GuestDevice, nowMs: number): Admission {
    const before = this.find(device);
    if (!before || before.expiresMs <= nowMs || !this.#portal.canExtend) {
      return { ok: false, why: 'sessions', againMs: null };
    }
    const { userName: name, email, answers, consent } = before;
    const given = { ...answers, ...(name && { name }), ...(email && { email }) };
    return this.admit(device, given, consent.language, nowMs);
  }

  /** Ends access; what the guest agreed to is kept as long as other data about devices. */
  end(device: GuestDevice, nowMs: number): void {
    const before = this.find(device);
    if (before) this.#put(device, { ...before, expiresMs: nowMs }, nowMs);
  }

  /** Ends access and forgets. Whether there was something to forget. */
  remove(device: GuestDevice): boolean {
    const before = this.find(device);
    if (!before) return false;
    this.#store.transaction(() => this.#store.state.remove('guest', [this.#portal.siteId, ...keyOf(device)]));
    return true;
  }

  #active(nowMs: number): number {
    return this.list().filter(({ value }) => value.expiresMs > nowMs).length;
  }

  #put(device: GuestDevice, guest: Guest, nowMs: number): void {
    this.#store.transaction(() =>
      this.#store.state.put({
        kind: 'guest',
        key: [this.#portal.siteId, ...keyOf(device)],
        siteId: this.#portal.siteId,
        serial: PORTAL_SERIAL,
        mac: device.mac,
        seenMs: nowMs,
        receivedMs: nowMs,
        value: guest,
      }),
    );
  }
}
