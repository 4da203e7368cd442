import type { Client } from '../../protocol/messages/clients.ts';
import type { Stores } from '../store/stores.ts';
import type { GuestDevice } from './guests.ts';
import type { Portal, Portals } from './portals.ts';

/** Answers are kept so long: a phone asks many times in a row. */
const KEPT_MS = 5000;
const MOST_KEPT = 10_000;
/** Clients of one site that are looked through. */
const MOST_CLIENTS = 10_000;

export interface Whereabouts {
  /** Null: no access point reported the address, and which site it is at is not known. */
  portal: Portal | null;
  device: GuestDevice;
}

/**
 * Whose address it is: access points report which address a MAC has. An address is worth no more than the network
 * makes it: a guest is whoever has it now.
 */
export class GuestWhereabouts {
  readonly #portals: Portals;
  readonly #stores: Stores;
  readonly #known = new Map<
    string,
    { mac: Uint8Array | undefined; siteId: string | null; untilMs: number }
  >();

  constructor(portals: Portals, stores: Stores) {
    this.#portals = portals;
    this.#stores = stores;
  }

  at(address: string, nowMs: number): Whereabouts {
    const enabled = this.#portals.enabled();
    const known = this.#known.get(address);
    const fresh = known && known.untilMs > nowMs ? known : this.#look(address, enabled, nowMs);
    const device: GuestDevice = { address, ...(fresh.mac && { mac: fresh.mac }) };
    const portal =
      enabled.find(({ siteId }) => siteId === fresh.siteId) ?? (enabled.length === 1 ? enabled[0] : null);
    return { portal, device };
  }

  #look(address: string, enabled: readonly Portal[], nowMs: number) {
    let newest: { mac: Uint8Array; siteId: string; seenMs: number } | null = null;
    for (const { orgId, siteId } of enabled) {
      const clients = this.#stores
        .of(orgId)
        .state.list<Client>('client', { siteId, limit: MOST_CLIENTS, offset: 0 });
      const found = clients.find(({ value }) => value.ip4?.includes(address) || value.ip6?.includes(address));
      if (found && found.seenMs > (newest?.seenMs ?? -1)) {
        newest = { mac: found.value.mac, siteId, seenMs: found.seenMs };
      }
    }
    const answer = { mac: newest?.mac, siteId: newest?.siteId ?? null, untilMs: nowMs + KEPT_MS };
    const oldest = this.#known.keys().next();
    if (this.#known.size >= MOST_KEPT && !oldest.done) this.#known.delete(oldest.value);
    this.#known.set(address, answer);
    return answer;
  }
}
