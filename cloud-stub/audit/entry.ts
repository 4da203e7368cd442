/** Of whom a sealed value tells. Erasing a subject destroys its key. */
export interface Subject {
  kind: 'actor' | 'mac' | 'user-name' | 'host-name' | 'ip' | 'email' | 'organisation';
  /** As it is looked for: MACs as 12 lower-case hex digits. */
  value: string;
}

/** `begun`: written before a change is made, so that none is made which the log does not know of. */
export type Outcome = 'begun' | 'done' | 'refused' | 'failed';

/** Who did it, and from where. */
export interface Actor {
  /** Names nobody by itself. */
  id: string;
  name: string;
  address: string;
}

export interface NewEntry {
  actor: Actor;
  /** `PUT /api/v1/orgs/:orgId`, `sign-in`, `user add`. */
  action: string;
  outcome: Outcome;
  siteId?: string | null;
  /** Of whom `detail` tells; of the organisation alone when there is nobody. */
  subject?: Subject;
  detail: { before?: unknown; after?: unknown; [name: string]: unknown };
}

/** An entry as it is read: what was sealed under a key that was destroyed is null. */
export interface AuditEntry {
  seq: number;
  atMs: number;
  actorId: string;
  actor: { name: string; address: string } | null;
  action: string;
  outcome: string;
  siteId: string | null;
  detail: NewEntry['detail'] | null;
}

export type Verification =
  | {
      ok: true;
      from: number;
      to: number /** Note it elsewhere: a later log must still hold it. */;
      head: string;
    }
  | { ok: false; seq: number; detail: string };
