import type { FastifyInstance } from 'fastify';
import type { Commands } from '../broker/commands.ts';
import type { FactoryKeyRotation } from '../broker/key-rotation.ts';
import type { Renewal } from '../broker/renewal.ts';
import type { Sessions } from '../broker/sessions.ts';
import type { LiveCaptures } from '../captures/live.ts';
import type { CaptureConsents } from '../captures/manual.ts';
import type { Ingest } from '../ingest/ingest.ts';
import type { Refusals } from '../refusals.ts';
import { type Organisation, type Site, UNCLAIMED_ORG } from '../registry/organisations.ts';
import type { Registry } from '../registry/registry.ts';
import type { Stores } from '../store/stores.ts';
import { notFound } from './failure.ts';

/** What the routes answer from. */
export interface ApiCloud {
  registry: Registry;
  stores: Stores;
  sessions: Sessions;
  refusals: Refusals;
  ingest: Ingest;
  renewal: Renewal;
  commands: Commands;
  live: LiveCaptures;
  consents: CaptureConsents;
  keyRotation: FactoryKeyRotation;
  startedMs: number;
  devicePort: number;
}

export type Routes = (app: FastifyInstance, cloud: ApiCloud) => void;

export function organisationOf(cloud: ApiCloud, id: string): Organisation {
  const found = id === UNCLAIMED_ORG ? null : cloud.registry.organisations.find(id);
  if (!found) throw notFound('organisation');
  return found;
}

export function siteOf(cloud: ApiCloud, id: string): Site {
  const found = cloud.registry.organisations.site(id);
  if (!found) throw notFound('site');
  return found;
}
