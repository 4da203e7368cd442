import type { Clock, Timer } from '../../platform/ports/clock.ts';
import { AirherdError } from '../../protocol/errors.ts';
import type { Session, Standing } from '../broker/session.ts';
import type { Sessions } from '../broker/sessions.ts';
import { config, configure, standingOf, welcome } from '../broker/standing.ts';
import type { Limits } from '../limits.ts';
import type { RegionDirectory } from '../regions/directory.ts';

export interface WatchOptions {
  regions: RegionDirectory;
  sessions: Sessions;
  clock: Clock;
  limits: Limits;
  periodMs: number;
}

const sameSettings = (a: Standing, b: Standing): boolean =>
  a.orgId === b.orgId && a.siteId === b.siteId && a.configVersion === b.configVersion;

/**
 * Brings live sessions in line when the registry changed, by this process or by another: a revoked device is
 * cut, a claimed one is told so, new settings are sent.
 */
export function watchRegistry(options: WatchOptions): Timer & { now(): void } {
  const { regions, sessions, clock, periodMs } = options;
  let seen = regions.version();
  const look = () => {
    const version = regions.version();
    if (version === seen) return;
    seen = version;
    for (const session of sessions.all()) review(session, options);
  };
  const timer = clock.every(periodMs, look);
  return { cancel: () => timer.cancel(), now: look };
}

function review(session: Session, { regions, sessions, clock, limits }: WatchOptions): void {
  const { serial, standing: before } = session;
  const registry = regions.registryFor(serial);
  const elsewhere = regions.elsewhere(serial);
  const device = registry.find(serial);
  if (
    !device ||
    device.revokedMs !== null ||
    !registry.knowsCertificate(serial, session.login.proof.certificateSha256)
  ) {
    sessions.cut(session, new AirherdError('device-revoked', { serial }));
    return;
  }
  if (registry.rotation.generation(serial) !== session.login.keyGeneration) {
    sessions.cut(session, new AirherdError('key-rotated', { serial }));
    return;
  }
  if (elsewhere?.region !== before.elsewhere?.region || elsewhere?.url !== before.elsewhere?.url) {
    // It asks again at once, and is told where it belongs.
    sessions.cut(session, new AirherdError('region-elsewhere', { serial }));
    return;
  }
  const standing = standingOf(registry, device, elsewhere);
  session.standing = standing;
  if (session.open && before.configuration !== standing.configuration) configure(registry, session);
  if (sameSettings(before, standing)) return;
  const off = before.privacyClasses.filter((name) => !standing.privacyClasses.includes(name));
  if (off.length > 0) session.lately = { classes: off, untilMs: clock.monoMs() + limits.classGraceMs };
  if (!session.open) return;
  if (before.orgId !== standing.orgId) session.send('welcome', welcome(standing, limits, clock.wallMs()));
  session.send('config', config(standing));
}
