import { z } from 'zod';
import { DEVICE_ROLES, type DeviceRole } from '../registry/device-roles.ts';
import { type Route, route } from './route.ts';

const roleBody = z.strictObject({ role: z.enum(Object.keys(DEVICE_ROLES) as [DeviceRole, ...DeviceRole[]]) });
const renewBody = z.strictObject({ days: z.number().int().min(1).max(36_500).optional() });

/** What is done to one device: its role, renewal, key rotation, revocation. */
export const deviceRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/airherd/v1/devices/:serial/role',
    may: 'device.read',
    personal: false,
    handle: ({ device: { serial, role } }) => ({ serial, role }),
  }),
  route({
    method: 'PUT',
    path: '/api/airherd/v1/devices/:serial/role',
    may: 'device.write',
    personal: false,
    body: roleBody,
    handle({ cloud, device: { serial, role }, body, changed }) {
      const after = cloud.registry.assign(serial, body.role);
      changed({ serial, role }, { serial, role: after.role });
      return { serial, role: after.role };
    },
  }),
  route({
    method: 'POST',
    path: '/api/airherd/v1/devices/:serial/renew',
    may: 'device.write',
    personal: false,
    body: renewBody,
    handle: ({ cloud, device, body }) => cloud.renewal.renew(device.serial, body.days),
  }),
  route({
    method: 'POST',
    path: '/api/airherd/v1/devices/:serial/rotate-key',
    may: 'device.write',
    personal: false,
    async handle({ cloud, device: { serial } }) {
      await cloud.keyRotation.rotate(serial);
      return { serial };
    },
  }),
  route({
    method: 'POST',
    path: '/api/airherd/v1/devices/:serial/revoke',
    may: 'device.write',
    personal: false,
    handle({ cloud, device, changed }) {
      const { serial, revokedMs } = cloud.registry.revoke(device.serial);
      changed({ serial, revokedMs: device.revokedMs }, { serial, revokedMs });
      return { serial, revokedMs };
    },
  }),
];
