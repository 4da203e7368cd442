import type { Role } from './roles.ts';

/** A role, and where it holds. `all` is every organisation: this machine's operator, and support staff. */
export type Privilege =
  | { scope: 'all'; role: Role | 'support' }
  | { scope: 'org'; role: Role; orgId: string }
  | { scope: 'site'; role: Role; orgId: string; siteId: string };

/** Who makes a request. */
export interface Identity {
  /** A person's id, or `token:` and a token's. Names nobody by itself. */
  id: string;
  kind: 'operator' | 'person' | 'support' | 'token';
  name: string;
  email: string | null;
  privileges: readonly Privilege[];
  /** Of a browser's session, which must prove that it meant a change (`X-CSRFToken`). */
  session: { csrf: string } | null;
}

/** Organisations in which the identity has a role of its own. */
export const organisationsOf = ({ privileges }: Identity): string[] => [
  ...new Set(privileges.flatMap((privilege) => ('orgId' in privilege ? [privilege.orgId] : []))),
];
