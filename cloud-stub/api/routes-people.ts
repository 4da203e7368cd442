import { z } from 'zod';
import { AirherdError } from '../../protocol/errors.ts';
import type { Subject } from '../audit/entry.ts';
import type { Privilege } from '../people/identity.ts';
import { forgetPerson } from '../privacy/forget-person.ts';
import type { Organisation } from '../registry/organisations.ts';
import type { User } from '../registry/users.ts';
import type { ApiCloud } from './context.ts';
import { echoed } from './echoed.ts';
import { ApiFailure, notFound } from './failure.ts';
import { paged, pageQuery, window } from './paging.ts';
import { privilegesBody, privilegesIn } from './privilege-body.ts';
import { type Route, route } from './route.ts';
import { newPassword } from './routes-sign-in.ts';
import { adminShape } from './shapes-people.ts';

const newAdminBody = z.strictObject({
  email: z.email().max(254),
  name: z.string().trim().max(128).default(''),
  password: newPassword,
  privileges: privilegesBody,
});
const adminBody = z.strictObject({
  ...echoed('admin_id', 'email', 'name', 'enable_two_factor'),
  privileges: privilegesBody,
});

/** People of other organisations are not there. */
function adminOf({ registry }: ApiCloud, orgId: string, id: string): User {
  const user = registry.users.find(id);
  const isOwn = user?.privileges.some((privilege) => 'orgId' in privilege && privilege.orgId === orgId);
  if (!user || !isOwn) throw notFound('admin');
  return user;
}

const isAdmin = ({ privileges }: Pick<User, 'privileges'>, orgId: string): boolean =>
  privileges.some((own) => own.scope === 'org' && own.role === 'admin' && own.orgId === orgId);

/** An organisation that had administrators keeps one: nobody else could give it another. */
function keepAnAdmin(
  { registry }: ApiCloud,
  org: Organisation,
  before: User,
  roles: readonly Privilege[],
): void {
  if (!isAdmin(before, org.id) || isAdmin({ privileges: [...roles] }, org.id)) return;
  const others = registry.users.list(org.id).filter((user) => user.id !== before.id);
  if (!others.some((user) => isAdmin(user, org.id))) {
    throw new AirherdError('last-admin', { organisation: org.name });
  }
}

const subjectOf = ({ id }: User): Subject => ({ kind: 'actor', value: id });

/** People with a role in an organisation. */
export const peopleRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/orgs/:orgId/admins',
    may: 'people.read',
    personal: true,
    query: pageQuery,
    handle({ cloud, org, query, reply }) {
      const { limit, offset } = window(query);
      const people = cloud.registry.users.list(org.id);
      const shown = people.slice(offset, offset + limit).map((user) => adminShape(user, org.id));
      return paged(reply, query, people.length, shown);
    },
  }),
  /** Whoever has an account already gets the role, and keeps name and password. */
  route({
    method: 'POST',
    path: '/api/v1/orgs/:orgId/admins',
    may: 'people.write',
    personal: false,
    body: newAdminBody,
    async handle({ cloud, people, org, body: { email, name, password, privileges }, changed, about }) {
      const { registry } = cloud;
      const roles = privilegesIn(registry, org.id, privileges);
      const passwordHash = await people.signIn.passwords.hash(password);
      const known = registry.users.findByEmail(email);
      const user = known
        ? registry.users.grant(known.id, org.id, roles)
        : registry.users.add({ kind: 'person', email, name, passwordHash, privileges: roles });
      const shape = adminShape(user, org.id);
      about(subjectOf(user));
      changed(null, shape);
      return shape;
    },
  }),
  route({
    method: 'PUT',
    path: '/api/v1/orgs/:orgId/admins/:adminId',
    may: 'people.write',
    personal: false,
    body: adminBody,
    handle({ cloud, org, params, body, changed, about }) {
      const before = adminOf(cloud, org.id, params.adminId);
      about(subjectOf(before));
      const roles = privilegesIn(cloud.registry, org.id, body.privileges);
      keepAnAdmin(cloud, org, before, roles);
      const after = adminShape(cloud.registry.users.grant(before.id, org.id, roles), org.id);
      changed(adminShape(before, org.id), after);
      return after;
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/orgs/:orgId/admins/:adminId',
    may: 'people.write',
    personal: false,
    handle({ cloud, people, who, org, params, changed }) {
      const { users } = cloud.registry;
      const before = adminOf(cloud, org.id, params.adminId);
      if (before.id === who.id) throw new ApiFailure(409, 'somebody else has to take your roles away');
      keepAnAdmin(cloud, org, before, []);
      const after = users.grant(before.id, org.id, []);
      people.sessions.endAllOf(before.id);
      const { admin_id, privileges } = adminShape(before, org.id);
      // Neither name nor address: the account goes with its last role, and the logs forget whose it was.
      changed({ admin_id, privileges }, null);
      if (after.privileges.length === 0) {
        users.remove(before.id);
        forgetPerson(cloud, before);
      }
      return {};
    },
  }),
];
