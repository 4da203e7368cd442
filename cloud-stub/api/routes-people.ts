import { z } from 'zod';
import type { User } from '../registry/users.ts';
import type { ApiCloud } from './context.ts';
import { notFound } from './failure.ts';
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
const adminBody = z.object({ privileges: privilegesBody });

/** People of other organisations are not there. */
function adminOf({ registry }: ApiCloud, orgId: string, id: string): User {
  const user = registry.users.find(id);
  const isOwn = user?.privileges.some((privilege) => 'orgId' in privilege && privilege.orgId === orgId);
  if (!user || !isOwn) throw notFound('admin');
  return user;
}

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
    async handle({ cloud, people, org, body: { email, name, password, privileges }, changed }) {
      const { registry } = cloud;
      const roles = privilegesIn(registry, org.id, privileges);
      const passwordHash = await people.signIn.passwords.hash(password);
      const known = registry.users.findByEmail(email);
      const user = known
        ? registry.users.grant(known.id, org.id, roles)
        : registry.users.add({ kind: 'person', email, name, passwordHash, privileges: roles });
      const shape = adminShape(user, org.id);
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
    handle({ cloud, org, params, body, changed }) {
      const before = adminOf(cloud, org.id, params.adminId);
      const roles = privilegesIn(cloud.registry, org.id, body.privileges);
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
    handle({ cloud, people, org, params, changed }) {
      const { users } = cloud.registry;
      const before = adminOf(cloud, org.id, params.adminId);
      const after = users.grant(before.id, org.id, []);
      if (after.privileges.length === 0) users.remove(before.id);
      people.sessions.endAllOf(before.id);
      changed(adminShape(before, org.id), null);
      return {};
    },
  }),
];
