import { z } from 'zod';
import { AirherdError } from '../../protocol/errors.ts';
import type { Outcome } from '../audit/entry.ts';
import { CLOUD_LOG, record } from './audit.ts';
import { ApiFailure } from './failure.ts';
import { type Route, route } from './route.ts';

const base = '/api/airherd/v1/orgs/:orgId';

/** The organisation's key: another one, or none any more. */
export const keyRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: `${base}/key/rotate`,
    may: 'privacy.write',
    personal: false,
    handle({ cloud, org }) {
      cloud.stores.rotateKey(org.id);
      return { rotated: true };
    },
  }),
  /** All that is held of the organisation becomes noise. The name is asked for, so that it is meant. */
  route({
    method: 'POST',
    path: `${base}/destroy`,
    may: 'people.write',
    personal: false,
    ownAudit: true,
    body: z.strictObject({ name: z.string() }),
    handle({ cloud, org, body, who, address, nowMs }) {
      if (body.name !== org.name) throw new ApiFailure(400, 'name is not that of the organisation');
      // Its own log goes with it: the cloud's keeps who did it.
      const log = (outcome: Outcome) => {
        const action = `POST ${base}/destroy`;
        record(
          cloud,
          who,
          address,
          { orgIds: [CLOUD_LOG], action, outcome, detail: { orgId: org.id } },
          nowMs,
        );
      };
      log('begun');
      const { registry, sessions, stores } = cloud;
      for (const session of sessions.all()) {
        if (session.standing.orgId !== org.id) continue;
        const detail = 'its organisation was destroyed';
        sessions.cut(session, new AirherdError('login-refused', { serial: session.serial, detail }));
      }
      registry.organisations.destroy(org.id);
      stores.remove(org.id);
      cloud.firmware.director.forget(org.id);
      registry.reclaim();
      const backups = cloud.clearBackups?.();
      log('done');
      return { destroyed: true, ...(backups && { backups }) };
    },
  }),
];
