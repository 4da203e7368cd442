import type { Route } from './route.ts';
import { appRoutes } from './routes-apps.ts';
import { auditRoutes } from './routes-audit.ts';
import { captureRoutes } from './routes-captures.ts';
import { configurationRoutes } from './routes-configuration.ts';
import { consentRoutes } from './routes-consents.ts';
import { deviceRoutes } from './routes-devices.ts';
import { downloadRoutes } from './routes-download.ts';
import { firmwareRoutes } from './routes-firmware.ts';
import { keyRoutes } from './routes-keys.ts';
import { observationRoutes } from './routes-observations.ts';
import { operationRoutes } from './routes-operation.ts';
import { organisationRoutes } from './routes-organisations.ts';
import { peopleRoutes } from './routes-people.ts';
import { portalRoutes } from './routes-portal.ts';
import { privacyRoutes } from './routes-privacy.ts';
import { regionRoutes } from './routes-regions.ts';
import { signInRoutes } from './routes-sign-in.ts';
import { staffRoutes } from './routes-staff.ts';
import { statsRoutes } from './routes-stats.ts';
import { subjectRoutes } from './routes-subjects.ts';
import { supportRoutes } from './routes-support.ts';
import { tokenRoutes } from './routes-tokens.ts';

/** Every route of the API, with the permission that it needs. Nothing is served that is not in it. */
export const ROUTES: readonly Route[] = [
  ...signInRoutes,
  ...tokenRoutes,
  ...peopleRoutes,
  ...staffRoutes,
  ...organisationRoutes,
  ...supportRoutes,
  ...auditRoutes,
  ...statsRoutes,
  ...observationRoutes,
  ...captureRoutes,
  ...deviceRoutes,
  ...configurationRoutes,
  ...firmwareRoutes,
  ...operationRoutes,
  ...privacyRoutes,
  ...subjectRoutes,
  ...downloadRoutes,
  ...keyRoutes,
  ...consentRoutes,
  ...regionRoutes,
  ...portalRoutes,
  ...appRoutes,
];
