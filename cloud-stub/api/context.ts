import type { Clock } from '../../platform/ports/clock.ts';
import type { Commands } from '../broker/commands.ts';
import type { FactoryKeyRotation } from '../broker/key-rotation.ts';
import type { Renewal } from '../broker/renewal.ts';
import type { Sessions } from '../broker/sessions.ts';
import type { CaptureConsents } from '../captures/consent.ts';
import type { LiveCaptures } from '../captures/live.ts';
import type { CloudConfiguration } from '../configuration.ts';
import type { Director } from '../firmware/director.ts';
import type { FirmwareStore } from '../firmware/service.ts';
import type { Ingest } from '../ingest/ingest.ts';
import type { ClearedBackups } from '../privacy/restore.ts';
import type { Retention } from '../privacy/retention.ts';
import type { Refusals } from '../refusals.ts';
import type { RegionDirectory } from '../regions/directory.ts';
import type { Registry } from '../registry/registry.ts';
import type { Stores } from '../store/stores.ts';

/** What the routes answer from. */
export interface ApiCloud {
  registry: Registry;
  regions: RegionDirectory;
  stores: Stores;
  sessions: Sessions;
  refusals: Refusals;
  ingest: Ingest;
  renewal: Renewal;
  keyRotation: FactoryKeyRotation;
  commands: Commands;
  firmware: Pick<FirmwareStore, 'images' | 'rollouts'> & { director: Director };
  live: LiveCaptures;
  consents: CaptureConsents;
  /** Brings live sessions in line with the registry before this returns. */
  applySettings(): void;
  clock: Clock;
  /** Has the erased and the destroyed forgotten in the backups of this machine. */
  clearBackups?(): ClearedBackups;
  retention: Pick<Retention, 'counts'>;
  startedMs: number;
  devicePort: number;
  /** `https://host:port` of the guest portal; null while there is none. */
  portalUrl(): string | null;
  /** The API's own listener is in it once it listens. */
  configuration: CloudConfiguration;
}
