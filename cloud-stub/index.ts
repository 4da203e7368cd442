import type { KeyObject } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import { type Logger, pino } from 'pino';
import type { Authority } from '../certs/authority.ts';
import { issueServer } from '../certs/issue-server.ts';
import type { Clock } from '../platform/ports/clock.ts';
import type { Random } from '../platform/ports/random.ts';
import type { Listener, TlsListener, TlsVersion } from '../platform/ports/transport.ts';
import type { AirherdError } from '../protocol/errors.ts';
import { type Api, startApi } from './api/server.ts';
import { type AuthEndpoint, startAuthEndpoint } from './beside/auth-endpoint.ts';
import { BrokerCertificates } from './beside/broker-certificates.ts';
import { type BesideOptions, IngestBeside } from './beside/ingest-beside.ts';
import { ConnectTokens } from './beside/tokens.ts';
import { Broker } from './broker/broker.ts';
import { Commands } from './broker/commands.ts';
import { FactoryKeyRotation } from './broker/key-rotation.ts';
import { Renewal } from './broker/renewal.ts';
import { Sessions } from './broker/sessions.ts';
import { config, configure, isBehind, isUnconfigured } from './broker/standing.ts';
import { LiveCaptures } from './captures/live.ts';
import { type ApiLimits, type CloudConfiguration, DEFAULT_API_LIMITS } from './configuration.ts';
import { Director } from './firmware/director.ts';
import { startFirmwareEndpoint } from './firmware/endpoint.ts';
import { type FirmwareStore, openFirmwareStore } from './firmware/service.ts';
import { Ingest } from './ingest/ingest.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { type GuestPortal, startPortal } from './portal/server.ts';
import { forgetOnReturn } from './privacy/forget-on-return.ts';
import { clearBackups } from './privacy/restore.ts';
import { Retention } from './privacy/retention.ts';
import { Refusals, refusal } from './refusals.ts';
import { type RegionDirectory, type RegionPlace, regionDirectory } from './regions/directory.ts';
import type { RegionName } from './regions/regions.ts';
import { openRegistry, type Registry } from './registry/registry.ts';
import { watchRegistry } from './registry/watch.ts';
import { rootKey } from './store/keyring.ts';
import { lockFolder } from './store/lock.ts';
import { masterKey } from './store/master-key.ts';
import { Stores } from './store/stores.ts';

export { DEFAULT_LIMITS, type Limits } from './limits.ts';
export { openRegistry, type Registry } from './registry/registry.ts';

export interface CloudOptions {
  /** Keys, registry and stores; made when missing. */
  dir: string;
  authority: Authority;
  listener: Listener;
  clock: Clock;
  random: Random;
  log?: Logger;
  host?: string;
  /** Names and addresses, beside `host`, that the servers' certificates carry. */
  names?: readonly string[];
  /** 0 takes a free port. */
  devicePort?: number;
  apiPort?: number;
  firmwarePort?: number;
  /** Whose firmware is taken at upload; asked at each. None unless given. */
  firmwareKeys?: () => readonly KeyObject[];
  minVersion?: TlsVersion;
  limits?: Partial<Limits>;
  /** 32 bytes; those in the folder's `master.key` unless given. */
  masterKey?: Buffer;
  /** Most bytes of one organisation's store. */
  storeQuotaBytes?: number;
  apiLimits?: Partial<ApiLimits>;
  /** Where `masterKey` came from, for who audits the configuration. */
  masterKeySource?: string;
  /** Of a new folder; else it must be the folder's own. Default: `global`. */
  region?: RegionName;
  /** The other regions: devices that come here and are claimed there are redirected. */
  otherRegions?: readonly RegionPlace[];
  /** Name or address by which devices are told to reach this region; default: the first of `names`, else `host`. */
  publicHost?: string;
  /** Ports of the guest portal's page and of its gate; without it there is no portal. */
  portal?: { port: number; gatePort: number };
  /** Brokers that are not ours, beside which devices are taken in (docs/brokers.md). */
  brokers?: readonly BesideOptions[];
  /** SHA-256 of leaf certificates of further brokers that devices come through, hexadecimal. */
  brokerCertificates?: readonly string[];
  /** Where brokers ask whether a token is good; none unless given, 0 takes a free port. */
  authPort?: number;
  /** Where the servers' certificates come from; issued anew for each start unless given. */
  serverCredentials?: typeof issueServer;
}

export interface Cloud {
  readonly host: string;
  readonly devicePort: number;
  readonly apiPort: number;
  readonly firmwarePort: number;
  readonly portal: Pick<GuestPortal, 'port' | 'gatePort' | 'url'> | null;
  /** Null where brokers have nothing to ask. */
  readonly authPort: number | null;
  /** Trusts the servers' certificates. */
  readonly trustPem: readonly string[];
  readonly registry: Registry;
  readonly regions: RegionDirectory;
  readonly stores: Stores;
  readonly sessions: Sessions;
  readonly refusals: Refusals;
  readonly ingest: Ingest;
  readonly commands: Commands;
  readonly firmware: Pick<FirmwareStore, 'images' | 'rollouts'> & { readonly director: Director };
  readonly renewal: Renewal;
  readonly keyRotation: FactoryKeyRotation;
  /** The API's first token, when this start made it: it is not kept readable anywhere. */
  readonly bootstrapToken: string | null;
  /** Commits what has come, closes all connections and files. */
  stop(): Promise<void>;
}

const REVOCATION_CHECK_MS = 250;
const STORE_PROBE_MS = 1000;
const RETENTION_PERIOD_MS = 60_000;
const COMMIT_DELAY_MS = 3;
const MOST_PER_COMMIT = 1024;
const SERVER_CERTIFICATE_DAYS = 90;
const RENEWAL_DAYS = 365;

/** Starts device link and API. Several may run on one machine, each with a folder of its own. */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const { dir, authority, clock, random, host = '127.0.0.1' } = options;
  const log = options.log ?? pino({ level: 'silent' });
  const limits: Limits = Object.freeze({ ...DEFAULT_LIMITS, ...options.limits });
  const registry = openRegistry(dir, { random, clock, masterKey: options.masterKey, region: options.region });
  const undo: (() => Promise<void> | void)[] = [() => registry.close()];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const unlock = lockFolder(dir);
    undo.push(unlock);
    const regions = regionDirectory({ own: registry, places: options.otherRegions ?? [], clock, random });
    undo.push(() => regions.close());
    const stores = new Stores({
      dir,
      registry,
      clock,
      random,
      log,
      probeMs: STORE_PROBE_MS,
      quotaBytes: options.storeQuotaBytes,
    });
    undo.push(() => stores.close());
    const refusals = new Refusals(clock, log);
    const sessions = new Sessions(clock, refusals, registry.events);
    const commands = new Commands(sessions, clock, random);
    const renewal = new Renewal({ authority, registry, commands, clock, days: RENEWAL_DAYS });
    const keyRotation = new FactoryKeyRotation({ registry, commands, sessions, random });
    const live = new LiveCaptures();
    const store = openFirmwareStore({
      ...{ dir, clock, random },
      root: rootKey(dir, options.masterKey ?? masterKey(dir, random), random),
      keys: options.firmwareKeys ?? (() => []),
    });
    undo.push(() => store.close());
    const shown = publicName(options.publicHost ?? options.names?.[0] ?? host);
    let firmwarePort = 0;
    const director = new Director({
      ...{ images: store.images, rollouts: store.rollouts, registry, sessions, stores, clock, log },
      urlOf: (imageId) => `https://${shown}:${firmwarePort}/firmware/${imageId}`,
    });
    undo.push(() => director.stop());
    const firmware = { images: store.images, rollouts: store.rollouts, director };
    const ingest = new Ingest({
      clock,
      stores,
      mayStorePayload: (orgId, captureId) => registry.consents.mayStore(orgId, captureId),
      window: limits.window,
      commitDelayMs: COMMIT_DELAY_MS,
      mostPerCommit: MOST_PER_COMMIT,
      onCommitted({ serial }, message) {
        if ('running' in message) registry.configurations.report(serial, message);
      },
      onStored(session, _stream, message) {
        if ('configVersion' in message && isUnconfigured(session, message)) configure(registry, session);
        // A device that was away when the settings changed says which it has.
        if ('configVersion' in message && isBehind(session, message))
          session.send('config', config(session.standing));
        if ('configVersion' in message) {
          forgetOnReturn({ stores, commands }, session).catch((error: unknown) => {
            const detail = error instanceof Error ? error.message : String(error);
            log.warn({ serial: session.serial, detail }, 'a device was not told to forget');
          });
        }
        if ('firmware' in message) director.greeted(session, message);
        if ('phase' in message) director.progressed(session, message);
        if ('section' in message) live.committed(session.standing.orgId, session.serial, message);
        if (!('ok' in message) || commands.settle(message) || !(message.result?.csr instanceof Uint8Array))
          return;
        // Nobody asked: the device says that a third of its certificate's life is left.
        renewal.install(session.serial, message).catch((error: unknown) => {
          const detail = error instanceof Error ? error.message : String(error);
          log.warn({ serial: session.serial, detail }, 'a renewal failed');
        });
      },
    });
    const trustPem = [authority.rootPem];
    const doors = { regions, stores, ingest, sessions, refusals, limits, clock, random, log };
    const broker = new Broker({ ...doors, trustPem });
    await broker.start();
    undo.push(
      () => broker.stop(),
      () => ingest.flush(),
    );
    const names = serverNames([host, ...(options.names ?? [])]);
    const issue = (keyType: 'p256' | 'rsa2048') =>
      (options.serverCredentials ?? issueServer)(authority, {
        ...names,
        keyType,
        days: SERVER_CERTIFICATE_DAYS,
        nowMs: clock.wallMs(),
      });
    const listener = await listen(options, await issue('p256'), trustPem, limits, broker, refusals, host);
    undo.push(
      () => listener.close(),
      () => ingest.flush(),
    );
    const certificates = new BrokerCertificates(options.brokerCertificates);
    for (const one of options.brokers ?? []) {
      const beside = new IngestBeside(one, { ...doors, certificates });
      undo.push(
        () => beside.stop(),
        () => ingest.flush(),
      );
      await beside.start();
    }
    const watch = watchRegistry({ regions, sessions, clock, limits, periodMs: REVOCATION_CHECK_MS });
    undo.push(() => watch.cancel());
    const retention = new Retention({ registry, stores, clock, log, periodMs: RETENTION_PERIOD_MS });
    undo.push(() => retention.stop());
    const bootstrapToken = registry.tokens.count() === 0 ? registry.tokens.issue('bootstrap') : null;
    const startedMs = clock.wallMs();
    const apiLimits: ApiLimits = Object.freeze({ ...DEFAULT_API_LIMITS, ...options.apiLimits });
    const minVersion = options.minVersion ?? 'TLSv1.3';
    const configuration: CloudConfiguration = {
      listeners: [{ name: 'device link', host, port: listener.port, minVersion }],
      limits,
      api: apiLimits,
      masterKey: options.masterKeySource ?? (options.masterKey ? 'given' : 'folder'),
      logLevel: log.level,
      storeQuotaBytes: options.storeQuotaBytes ?? null,
    };
    const cleared = () =>
      clearBackups({ dir, clock, random, masterKey: options.masterKey, registry, stores });
    const portal =
      options.portal &&
      (await startPortal({
        ...options.portal,
        host,
        publicHost: shown,
        credentials: await issue('rsa2048'),
        registry,
        stores,
        commands,
        clearBackups: cleared,
        clock,
        random,
        log,
      }));
    if (portal) {
      undo.push(() => portal.close());
      configuration.listeners.push(
        { name: 'portal', host, port: portal.port, minVersion: 'TLSv1.2' },
        { name: 'portal gate', host, port: portal.gatePort, minVersion: 'TLSv1.2' },
      );
    }
    const api: Api = await startApi({
      host,
      port: options.apiPort ?? 0,
      credentials: await issue('rsa2048'),
      clock,
      random,
      log,
      limits: apiLimits,
      cloud: {
        registry,
        regions,
        stores,
        sessions,
        refusals,
        ingest,
        renewal,
        keyRotation,
        commands,
        firmware,
        live,
        consents: registry.consents,
        applySettings: () => watch.now(),
        clearBackups: cleared,
        retention,
        clock,
        startedMs,
        devicePort: listener.port,
        portalUrl: () => portal?.url ?? null,
        configuration,
      },
    });
    configuration.listeners.push({ name: 'API', host, port: api.port, minVersion: 'TLSv1.2' });
    undo.push(() => api.close());
    const endpoint = await startFirmwareEndpoint({
      ...{ host, port: options.firmwarePort ?? 0, credentials: await issue('p256'), trustPem, minVersion },
      ...{ images: store.images, rollouts: store.rollouts, regions, refusals, clock, limits: apiLimits },
    });
    undo.push(() => endpoint.close());
    firmwarePort = endpoint.port;
    configuration.listeners.push({ name: 'firmware', host, port: endpoint.port, minVersion });
    let auth: AuthEndpoint | null = null;
    if (options.authPort !== undefined) {
      auth = await startAuthEndpoint({
        host,
        port: options.authPort,
        credentials: await issue('rsa2048'),
        tokens: new ConnectTokens(regions, certificates, clock),
        refusals,
        limits: apiLimits,
      });
      undo.push(auth.close);
      configuration.listeners.push({ name: 'auth endpoint', host, port: auth.port, minVersion: 'TLSv1.2' });
    }
    registry.region.listensAt({
      deviceUrl: `mqtts://${shown}:${listener.port}`,
      apiUrl: `https://${shown}:${api.port}`,
    });
    return {
      host,
      devicePort: listener.port,
      apiPort: api.port,
      firmwarePort: endpoint.port,
      portal: portal ?? null,
      authPort: auth?.port ?? null,
      trustPem,
      registry,
      regions,
      stores,
      sessions,
      refusals,
      ingest,
      commands,
      firmware,
      renewal,
      keyRotation,
      bootstrapToken,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** As it stands in a URL. Who listens on all addresses and says no name is found on this machine only. */
function publicName(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return ipaddr.IPv6.isValid(host) ? `[${host}]` : host;
}

function serverNames(names: readonly string[]): { names: string[]; ips: string[] } {
  const all = [...new Set(['localhost', '127.0.0.1', '::1', ...names])].filter(
    (name) => name !== '0.0.0.0' && name !== '::',
  );
  return {
    names: all.filter((name) => !ipaddr.isValid(name)),
    ips: all.filter((name) => ipaddr.isValid(name)),
  };
}

function listen(
  { listener, devicePort, minVersion }: CloudOptions,
  credentials: { certificatePem: string; privateKeyPem: string },
  trustPem: readonly string[],
  limits: Limits,
  broker: Broker,
  refusals: Refusals,
  host: string,
): Promise<TlsListener> {
  return listener.listen(
    {
      host,
      port: devicePort ?? 0,
      credentials,
      trustPem,
      minVersion: minVersion ?? 'TLSv1.3',
      handshakeTimeoutMs: limits.handshakeTimeoutMs,
      maxConnectionsPerAddress: limits.connectionsPerAddress,
    },
    (channel) => broker.accept(channel),
    ({ code, remoteAddress }) => {
      const error: AirherdError = refusal(code, {
        host: 'a client at',
        port: remoteAddress,
        detail: 'no certificate',
        who: remoteAddress,
        what: 'connections or handshake time',
      });
      refusals.record(error, remoteAddress);
    },
  );
}
