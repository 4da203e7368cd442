/** The cloud of a lab, in memory as far as the machine has a memory folder; it can be killed and started again. */
import { rm } from 'node:fs/promises';
import type { Identity } from '../certs/identity.ts';
import { registryEntryOf } from '../certs/registry-entry.ts';
import { type Cloud, type CloudOptions, startCloud } from '../cloud-stub/index.ts';
import { nodeListener } from '../platform/node/listen.ts';
import { nodeRandom } from '../platform/node/random.ts';
import { PRIVACY_CLASSES, type PrivacyClass } from '../protocol/privacy.ts';
import { labFirmwareKey } from './firmware-key.ts';
import { labAuthority, labServer } from './identity-cache.ts';
import { memoryFolder } from './memory-folder.ts';

export type LabCloudOptions = Required<Pick<CloudOptions, 'clock' | 'log' | 'brokers'>>;

type Ports = Record<'devicePort' | 'apiPort' | 'firmwarePort', number>;
const ANY: Ports = { devicePort: 0, apiPort: 0, firmwarePort: 0 };

export class LabCloud {
  readonly dir: string;
  readonly orgId: string;
  readonly siteId: string;
  readonly token: string;
  private current: Cloud | null;
  private readonly options: LabCloudOptions;
  private readonly ports: Ports;

  private constructor(dir: string, cloud: Cloud, options: LabCloudOptions) {
    this.dir = dir;
    this.current = cloud;
    this.options = options;
    const { devicePort, apiPort, firmwarePort } = cloud;
    this.ports = { devicePort, apiPort, firmwarePort };
    const { organisations, tokens } = cloud.registry;
    this.token = cloud.bootstrapToken ?? tokens.issue('lab');
    this.orgId = organisations.ensure('Lab').id;
    this.siteId = organisations.ensureSite(this.orgId, 'Lab').id;
  }

  static async start(options: LabCloudOptions): Promise<LabCloud> {
    const dir = await memoryFolder('lab');
    const cloud = await LabCloud.open(dir, options, ANY).catch(async (error) => {
      await rm(dir, { recursive: true, force: true });
      throw error;
    });
    return new LabCloud(dir, cloud, options);
  }

  private static async open(dir: string, options: LabCloudOptions, ports: Ports): Promise<Cloud> {
    return startCloud({
      ...{ dir, ...options, ...ports },
      authority: await labAuthority(),
      listener: nodeListener,
      random: nodeRandom,
      serverCredentials: labServer,
      firmwareKeys: () => [labFirmwareKey.publicKey],
    });
  }

  get isUp(): boolean {
    return this.current !== null;
  }

  /** @throws Error while it is down. */
  get cloud(): Cloud {
    if (this.current === null) throw new Error('the lab’s cloud is down: start it again with cloud.start()');
    return this.current;
  }

  get url(): string {
    return `mqtts://127.0.0.1:${this.ports.devicePort}`;
  }

  async own(identities: readonly Identity[]): Promise<void> {
    const { registry } = this.cloud;
    await registry.add(identities.map(registryEntryOf));
    for (const { serial } of identities) registry.claim({ serial, orgId: this.orgId, siteId: this.siteId });
  }

  /** Privacy classes beside the usual. */
  turnOn(classes: readonly PrivacyClass[]): void {
    const { organisations } = this.cloud.registry;
    const wanted = [...organisations.known(this.orgId).privacyClasses, ...classes];
    organisations.setPrivacyClasses(
      this.orgId,
      PRIVACY_CLASSES.filter((name) => wanted.includes(name)),
    );
  }

  /** The old one is void at once. */
  replaceKey(rotated: Identity): void {
    const { rotation, events } = this.cloud.registry;
    rotation.replace(rotated.serial, registryEntryOf(rotated).keys);
    events.record(rotated.serial, 'factory-key-rotated', 'by hand');
  }

  /** All connections end; what was not acknowledged is sent again when it is back. */
  async down(): Promise<void> {
    const { current } = this;
    this.current = null;
    await current?.stop();
  }

  /** On the same ports, with what it had stored. */
  async up(): Promise<void> {
    this.current ??= await LabCloud.open(this.dir, this.options, this.ports);
  }

  async remove(): Promise<void> {
    await this.down();
    await rm(this.dir, { recursive: true, force: true });
  }
}
