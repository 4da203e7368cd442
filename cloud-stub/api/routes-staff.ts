import { z } from 'zod';
import { forgetPerson } from '../privacy/forget-person.ts';
import type { User } from '../registry/users.ts';
import { notFound } from './failure.ts';
import { paged, pageQuery, window } from './paging.ts';
import { type Route, route } from './route.ts';
import { newPassword } from './routes-sign-in.ts';

const staffBody = z.strictObject({
  email: z.email().max(254),
  name: z.string().trim().max(128).default(''),
  password: newPassword,
});

const shape = ({ id, email, name, hasTwoFactor }: User) => ({
  admin_id: id,
  email,
  name,
  enable_two_factor: hasTwoFactor,
  privileges: [{ scope: 'all', role: 'support' }],
});

/** The vendor's support staff: what they see is each customer's to decide. */
export const staffRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/airherd/v1/staff',
    may: 'operate',
    personal: true,
    query: pageQuery,
    handle({ cloud, query, reply }) {
      const { limit, offset } = window(query);
      const staff = cloud.registry.users.list().filter(({ kind }) => kind === 'support');
      return paged(reply, query, staff.length, staff.slice(offset, offset + limit).map(shape));
    },
  }),
  route({
    method: 'POST',
    path: '/api/airherd/v1/staff',
    may: 'operate',
    personal: false,
    body: staffBody,
    async handle({ cloud, people, body: { email, name, password }, changed, about }) {
      const passwordHash = await people.signIn.passwords.hash(password);
      const user = cloud.registry.users.add({ kind: 'support', email, name, passwordHash, privileges: [] });
      about({ kind: 'actor', value: user.id });
      changed(null, shape(user));
      return shape(user);
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/airherd/v1/staff/:adminId',
    may: 'operate',
    personal: false,
    handle({ cloud, people, params, changed }) {
      const user = cloud.registry.users.find(params.adminId);
      if (user?.kind !== 'support') throw notFound('admin');
      const { admin_id, privileges } = shape(user);
      changed({ admin_id, privileges }, null);
      cloud.registry.users.remove(user.id);
      people.sessions.endAllOf(user.id);
      forgetPerson(cloud, user);
      return {};
    },
  }),
];
