import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AirherdError } from '../../protocol/errors.ts';
import {
  confirmTimeoutS,
  DEFAULT_CONFIRM_TIMEOUT_S,
  deviceSettings,
} from '../../protocol/messages/configuration.ts';
import type { StoredConfiguration } from '../registry/device-configurations.ts';
import type { ApiCloud } from './context.ts';
import { ApiFailure } from './failure.ts';
import { type Route, route } from './route.ts';

const body = z.strictObject({
  settings: deviceSettings,
  confirmTimeoutS: confirmTimeoutS.default(DEFAULT_CONFIRM_TIMEOUT_S),
});
const rollbackBody = z.strictObject({
  /** To the settings of this one; the one that was confirmed before the newest unless given. */
  version: z.number().int().min(0).optional(),
});

const NONE = {
  version: 0,
  settings: {},
  state: 'confirmed',
  problems: [],
  createdMs: null,
  reportedMs: null,
};

/** The newest, and which one the device runs; its version is the entity tag (RFC 9110, 8.8.3). */
function shown({ registry, sessions }: ApiCloud, serial: string, reply: FastifyReply) {
  const { configurations } = registry;
  const isConnected = sessions.of(serial)?.open === true;
  const newest = configurations.newest(serial) ?? NONE;
  reply.header('etag', `"${newest.version}"`);
  return { serial, isConnected, running: configurations.running(serial), ...newest };
}

/** The version that If-Match names; null without it. */
function expectedVersion(request: FastifyRequest): number | null {
  const header = request.headers['if-match'];
  if (header === undefined || header === '*') return null;
  const [, version] = /^"(\d{1,15})"$/.exec(header) ?? [];
  if (version === undefined) throw new ApiFailure(400, 'If-Match: must be one entity tag, such as "3"');
  return Number(version);
}

/** What a device ran before the newest version, by what it said. */
function earlier(history: readonly StoredConfiguration[], running: number): StoredConfiguration | undefined {
  const confirmed = history.filter(({ state }) => state === 'confirmed');
  return confirmed.find(({ version }) => version < running) ?? undefined;
}

/** Settings of one device, pushed to it with a confirmed commit (docs/device-configuration.md). */
export const configurationRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/airherd/v1/devices/:serial/configuration',
    may: 'device.read',
    personal: false,
    handle: ({ cloud, device: { serial }, reply }) => shown(cloud, serial, reply),
  }),
  route({
    method: 'PUT',
    path: '/api/airherd/v1/devices/:serial/configuration',
    may: 'device.write',
    personal: false,
    body,
    handle({ cloud, device: { serial }, request, reply, body: wanted, changed }) {
      const before = cloud.registry.configurations.newest(serial);
      const after = cloud.registry.configurations.set(serial, wanted, expectedVersion(request));
      changed(summary(before), summary(after));
      cloud.applySettings();
      return shown(cloud, serial, reply);
    },
  }),
  route({
    method: 'GET',
    path: '/api/airherd/v1/devices/:serial/configuration/history',
    may: 'device.read',
    personal: false,
    handle: ({ cloud, device: { serial } }) => cloud.registry.configurations.history(serial),
  }),
  /** A new version with the settings of an earlier one. */
  route({
    method: 'POST',
    path: '/api/airherd/v1/devices/:serial/configuration/rollback',
    may: 'device.write',
    personal: false,
    body: rollbackBody,
    handle({ cloud, device: { serial }, request, reply, body: { version }, changed }) {
      const { configurations } = cloud.registry;
      const before = configurations.newest(serial);
      const to =
        version === undefined
          ? earlier(configurations.history(serial), configurations.running(serial))
          : configurations.find(serial, version);
      // Version 0 stands for the device's local settings alone.
      if (version !== undefined && version > 0 && !to) {
        throw new AirherdError('configuration-unknown', { serial, version });
      }
      const settings = to?.settings ?? {};
      const timeoutS = to?.confirmTimeoutS ?? DEFAULT_CONFIRM_TIMEOUT_S;
      const after = configurations.set(
        serial,
        { settings, confirmTimeoutS: timeoutS },
        expectedVersion(request),
      );
      changed(summary(before), { ...summary(after), as: to?.version ?? 0 });
      cloud.applySettings();
      return shown(cloud, serial, reply);
    },
  }),
];

/** For the audit log. */
const summary = (configuration: StoredConfiguration | null) =>
  configuration && { version: configuration.version, settings: configuration.settings };
