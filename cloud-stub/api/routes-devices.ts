import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { AirherdError } from '../../protocol/errors.ts';
import { DEVICE_ROLES, type DeviceRole } from '../registry/device-roles.ts';
import { type Route, route } from './route.ts';

const roleBody = z.strictObject({ role: z.enum(Object.keys(DEVICE_ROLES) as [DeviceRole, ...DeviceRole[]]) });
const renewBody = z.strictObject({ days: z.number().int().min(1).max(36_500).optional() });

const locateBody = z.strictObject({ seconds: z.number().int().min(1).max(3600).default(30) });
/** A reply holds 16 KiB; what unpacks to more than this is no support bundle. */
const BUNDLE_BYTES = 1024 * 1024;

function unpacked(serial: string, bundle: unknown): object {
  try {
    if (!(bundle instanceof Uint8Array)) throw new Error('no bytes');
    const value: unknown = JSON.parse(gunzipSync(bundle, { maxOutputLength: BUNDLE_BYTES }).toString());
    if (typeof value === 'object' && value !== null) return value;
    throw new Error('no object');
  } catch (error) {
    const detail = `${serial} sent no support bundle (${error instanceof Error ? error.message : error})`;
    throw new AirherdError('command-refused', { name: 'support-bundle', detail });
  }
}

/** What is done to one device: its role, renewal, key rotation, restart, support, revocation. */
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
    path: '/api/airherd/v1/devices/:serial/restart',
    may: 'device.write',
    personal: false,
    async handle({ cloud, device: { serial } }) {
      await cloud.commands.ask(serial, 'restart');
      return { serial };
    },
  }),
  route({
    method: 'POST',
    path: '/api/airherd/v1/devices/:serial/locate',
    may: 'device.write',
    personal: false,
    body: locateBody,
    async handle({ cloud, device: { serial }, body: { seconds } }) {
      await cloud.commands.ask(serial, 'locate', { seconds });
      return { serial, seconds };
    },
  }),
  route({
    method: 'POST',
    path: '/api/airherd/v1/devices/:serial/support-bundle',
    may: 'device.write',
    personal: false,
    async handle({ cloud, device: { serial } }) {
      const { bundle } = await cloud.commands.ask(serial, 'support-bundle');
      return unpacked(serial, bundle);
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
