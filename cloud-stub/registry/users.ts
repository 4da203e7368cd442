import type { Clock } from '../../platform/ports/clock.ts';
import type { Random } from '../../platform/ports/random.ts';
import { AirherdError } from '../../protocol/errors.ts';
import type { Privilege } from '../people/identity.ts';
import { ROLES, type Role } from '../people/roles.ts';
import { blob, type Db, isConstraint, number, type Row, text } from '../store/database.ts';
import { associated, blindIndex, seal, unseal } from '../store/seal.ts';
import { uuid } from './uuid.ts';

export interface User {
  id: string;
  /** `support`: the vendor's staff, who have no privileges but what customers leave open. */
  kind: 'person' | 'support';
  email: string;
  name: string;
  privileges: Privilege[];
  hasTwoFactor: boolean;
  passwordChangedMs: number;
  createdMs: number;
}

export interface NewUser {
  kind: User['kind'];
  email: string;
  name: string;
  /** As `Passwords.hash` gives it. */
  passwordHash: string;
  privileges: readonly Privilege[];
}

export interface TwoFactor {
  secret: Buffer;
  on: boolean;
  /** The newest step that a code was taken of. */
  usedStep: number;
}

/** People who may sign in. */
export interface Users {
  /** Throws user-exists. */
  add(user: NewUser): User;
  remove(id: string): void;
  find(id: string): User | null;
  findByEmail(email: string): User | null;
  /** Those with a role in the organisation; all of them without one. */
  list(orgId?: string): User[];
  /** Replaces the roles that the person has in this organisation. */
  grant(id: string, orgId: string, privileges: readonly Privilege[]): User;
  passwordHash(id: string): string | null;
  setPassword(id: string, passwordHash: string): void;
  twoFactor(id: string): TwoFactor | null;
  setTwoFactor(id: string, value: TwoFactor | null): void;
  /** Finds an address again without its being readable. */
  emailIndex(email: string): Buffer;
}

export interface UsersOptions {
  db: Db;
  wrap: Buffer;
  index: Buffer;
  random: Random;
  clock: Clock;
  path: string;
  changed<T>(work: () => T): T;
}

const SUPPORT: Privilege = { scope: 'all', role: 'support' };

function privilegeOf(row: Row): Privilege[] {
  const role: Role | undefined = ROLES.find((name) => name === row.role);
  if (!role) return [];
  if (row.scope === 'all') return [{ scope: 'all', role }];
  const orgId = text(row.org_id);
  return row.scope === 'site'
    ? [{ scope: 'site', role, orgId, siteId: text(row.site_id) }]
    : [{ scope: 'org', role, orgId }];
}

export function users({ db, wrap, index, random, clock, path, changed }: UsersOptions): Users {
  const select = db.prepare('SELECT * FROM users WHERE id = ?');
  const selectByEmail = db.prepare('SELECT * FROM users WHERE email_index = ?');
  const selectPrivileges = db.prepare('SELECT * FROM privileges WHERE user_id = ? ORDER BY rowid');
  const insertPrivilege = db.prepare(
    'INSERT OR REPLACE INTO privileges (user_id, scope, role, org_id, site_id) VALUES (?, ?, ?, ?, ?)',
  );
  const emailIndex = (email: string) => blindIndex(index, 'email', email.trim().toLowerCase());
  const aad = (id: string, column: string) => associated('user', id, column);
  const open = (id: string, column: string, sealed: unknown): Buffer => {
    const plain = unseal(wrap, blob(sealed), aad(id, column));
    if (!plain) throw new AirherdError('store-damaged', { path, detail: `the user ${id} does not open` });
    return plain;
  };
  const user = (row: Row): User => {
    const id = text(row.id);
    const { email, name } = JSON.parse(open(id, 'person', row.sealed).toString());
    const kind = row.kind === 'support' ? 'support' : 'person';
    return {
      id,
      kind,
      email,
      name,
      privileges: kind === 'support' ? [SUPPORT] : selectPrivileges.all(id).flatMap(privilegeOf),
      hasTwoFactor: number(row.totp_on) === 1,
      passwordChangedMs: number(row.password_ms),
      createdMs: number(row.created_ms),
    };
  };
  const find = (id: string): User | null => {
    const row = select.get(id);
    return row ? user(row) : null;
  };
  const known = (id: string): User => {
    const found = find(id);
    if (!found) throw new AirherdError('user-unknown', { who: id });
    return found;
  };
  const give = (id: string, privileges: readonly Privilege[]) => {
    for (const privilege of privileges) {
      const { scope, role } = privilege;
      const orgId = 'orgId' in privilege ? privilege.orgId : null;
      insertPrivilege.run(id, scope, role, orgId, 'siteId' in privilege ? privilege.siteId : null);
    }
  };

  return {
    add({ kind, email, name, passwordHash, privileges }) {
      const id = uuid(random);
      const sealed = seal(random, wrap, Buffer.from(JSON.stringify({ email, name })), aad(id, 'person'));
      try {
        return changed(() => {
          db.prepare(
            `INSERT INTO users (id, kind, email_index, sealed, password_hash, password_ms, created_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)`,
          ).run(id, kind, emailIndex(email), sealed, passwordHash, clock.wallMs());
          give(id, privileges);
          return known(id);
        });
      } catch (error) {
        if (isConstraint(error)) throw new AirherdError('user-exists', {}, { cause: error });
        throw error;
      }
    },
    remove(id) {
      changed(() => {
        for (const table of ['privileges', 'tokens']) {
          db.prepare(`DELETE FROM ${table} WHERE user_id = ?`).run(id);
        }
        db.prepare('DELETE FROM users WHERE id = ?').run(id);
      });
    },
    find,
    findByEmail(email) {
      const row = selectByEmail.get(emailIndex(email));
      return row ? user(row) : null;
    },
    list: (orgId) =>
      db
        .prepare(
          `SELECT * FROM users WHERE ?1 IS NULL OR id IN (SELECT user_id FROM privileges WHERE org_id = ?1)
           ORDER BY created_ms, id`,
        )
        .all(orgId ?? null)
        .map(user),
    grant: (id, orgId, privileges) =>
      changed(() => {
        known(id);
        db.prepare('DELETE FROM privileges WHERE user_id = ? AND org_id = ?').run(id, orgId);
        give(id, privileges);
        return known(id);
      }),
    passwordHash(id) {
      const row = select.get(id);
      return row ? text(row.password_hash) : null;
    },
    setPassword: (id, passwordHash) =>
      changed(() => {
        known(id);
        db.prepare('UPDATE users SET password_hash = ?, password_ms = ? WHERE id = ?').run(
          passwordHash,
          clock.wallMs(),
          id,
        );
      }),
    twoFactor(id) {
      const row = select.get(id);
      if (!row || row.totp === null) return null;
      const secret = open(id, 'totp', row.totp);
      return { secret, on: number(row.totp_on) === 1, usedStep: number(row.totp_step) };
    },
    setTwoFactor: (id, value) =>
      changed(() => {
        known(id);
        const sealed = value && seal(random, wrap, value.secret, aad(id, 'totp'));
        db.prepare('UPDATE users SET totp = ?, totp_on = ?, totp_step = ? WHERE id = ?').run(
          sealed,
          value?.on ? 1 : 0,
          value?.usedStep ?? 0,
          id,
        );
      }),
    emailIndex,
  };
}
