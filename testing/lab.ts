/** A lab: a cloud or yours, devices that prove themselves to it, clients in a simulated site around them. */
import { pino } from 'pino';
import type { Cloud } from '../cloud-stub/index.ts';
import { AirherdError } from '../protocol/errors.ts';
import { PRIVACY_CLASSES } from '../protocol/privacy.ts';
import { siteCast } from '../world/engine/cast.ts';
import type { Fact } from '../world/engine/emission.ts';
import type { Cast, WorldFrame } from '../world/engine/world.ts';
import { readHappenings } from '../world/happenings/file.ts';
import { Timeline } from '../world/happenings/timeline.ts';
import { GENERATORS } from '../world/site/generators.ts';
import type { Site } from '../world/site/model.ts';
import { cloudClock, type LabClock, realClock, virtualClock } from './clock.ts';
import { LabConditions } from './conditions.ts';
import { type Duration, durationMs } from './duration.ts';
import { leaveEvidence, pcapngOf } from './evidence.ts';
import { createExpect, type Expect } from './expect.ts';
import { type FaultDetail, type FaultHandle, happeningOf, isOwnFault, type OwnFault } from './faults.ts';
import { labIdentity } from './identity-cache.ts';
import { LabCloud } from './lab-cloud.ts';
import { LabDevice } from './lab-device.ts';
import { type LinkHandle, Links } from './link.ts';
import { type LiveClient, LiveWorld } from './live-world.ts';
import type { DeviceOptions, LabOptions } from './options.ts';
import { Payloads, type SentPayload } from './payloads.ts';
import { type ClientOptions, labBeings, labSite } from './site.ts';
import { Walk } from './walk.ts';

export interface DeviceHandle {
  /** As the site has it: ap0, sw-f0. */
  readonly id: string;
  readonly serial: string;
  readonly state: string;
  readonly link: LinkHandle;
  /** Something fails, for this device where it can be for one: see docs/testing.md for the names. */
  fail(what: string, detail?: FaultDetail): Promise<FaultHandle>;
  /** Power off and on: what was only in its memory is gone. */
  restart(): Promise<void>;
}
export type ApHandle = DeviceHandle;
export type SwitchHandle = DeviceHandle;

export interface ClientHandle {
  readonly id: string;
  readonly mac: string;
  readonly at: { x: number; y: number };
  /** Sets out for there, at a walking pace unless told otherwise; resolves when it has arrived. */
  walkTo(x: number, y: number, options?: { metresPerS?: number }): Promise<void>;
  /** Joins a network, leaving the one that it is on. */
  join(ssid: string, options?: { wrongPassword?: boolean }): Promise<void>;
  leave(): Promise<void>;
}

export interface CloudHandle {
  /** mqtts://host:port */
  readonly url: string;
  /** The stub itself; throws while it is down, and with a cloud of yours. */
  readonly stub: Cloud;
  readonly orgId: string;
  readonly siteId: string;
  /** Where it keeps what it stores, until the lab stops. */
  readonly dir: string;
  /** Of its API. */
  readonly token: string;
  /** Its listeners and connections end at once; `start` brings it back with what it had stored. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

export interface Lab extends AsyncDisposable {
  readonly seed: number;
  readonly cloud: CloudHandle;
  readonly aps: readonly ApHandle[];
  readonly switches: readonly SwitchHandle[];
  readonly clients: readonly ClientHandle[];
  ap(id?: string): ApHandle;
  switch(id?: string): SwitchHandle;
  client(id?: string): ClientHandle;
  readonly clock: Pick<LabClock, 'isVirtual' | 'advance' | 'wallMs' | 'monoMs'>;
  readonly expect: Expect;
  /** Something of the site fails. */
  fail(what: string, detail?: FaultDetail): Promise<FaultHandle>;
  readonly pcap: {
    /** A pcapng file of the frames of this client that a device heard; of all without one. */
    of(client?: ClientHandle | string): Uint8Array;
  };
  /** What a device sent, in order. */
  payloadsOf(device: string): readonly SentPayload[];
  /** SHA-256 of the payloads of each device and stream. */
  digests(): Record<string, string>;
  /** What happened in the world, by its own record. */
  readonly facts: readonly { fact: Fact; atMs: number }[];
  /** All that was done and expected, as a scenario that does it again. */
  scenario(name?: string): object;
  /** Leaves a folder as a failed expectation does; its path. */
  evidence(message: string): Promise<string>;
  /** Lets the lab's time pass as far as some work of yours needs it. */
  during<T>(work: Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

/** A Monday morning, so that people come to work. */
const MONDAY_MS = Date.UTC(2026, 2, 2, 8);
const START_WITHIN_MS = 30_000;
const LONGEST_STEP_MS = 600_000;
const WALKING_M_PER_S = 1.4;
/** Frames are given to devices on this grid, milliseconds. */
const GRID_MS = 100;
const MOST_FRAMES = 20_000;
const MOST_LOG_LINES = 2_000;

/** Starts everything, and resolves when all devices are logged in, or some have not managed to within 30 s. */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const undo: (() => Promise<void> | void)[] = [];
  try {
    return await assemble(options, undo);
  } catch (error) {
    for (const step of undo.reverse()) await step();
    throw error;
  }
}

const listed = <T extends object>(what: number | readonly T[] | undefined, fallback: number): readonly T[] =>
  typeof what === 'object' ? what : Array.from({ length: what ?? fallback }, () => ({}) as T);

function siteOf(
  options: LabOptions,
  seed: number,
  counts: { aps: number; switches: number },
): { site: Site; clients: readonly ClientOptions[] } {
  const clients = listed<ClientOptions>(options.clients, 0);
  const { world = {}, ssids } = options;
  const named = (site: Site): Site => ({
    ...site,
    clients: clients.map(({ id, kind = 'phone', x, y, wired }, i) => {
      const near = site.accessPoints[0].at;
      return {
        id: id ?? `client-${i}`,
        kind,
        at: { ...near, x: x ?? near.x + 2, y: y ?? near.y, z: 1 },
        wired: wired ?? null,
      };
    }),
  });
  if (world.site !== undefined) return { site: named(world.site), clients };
  if (world.kind !== undefined) {
    const { floors, seats } = world;
    const size = { seed, ...(floors !== undefined && { floors }), ...(seats !== undefined && { seats }) };
    return { site: named(GENERATORS[world.kind](size)), clients };
  }
  return { site: labSite({ seed, ...counts, clients, ...(ssids && { ssids }) }), clients };
}

const NOBODY: Cast = {
  beings: [],
  trackOf: () => {
    throw new Error('nobody is there');
  },
  actsOf: () => [],
};

async function assemble(options: LabOptions, undo: (() => Promise<void> | void)[]): Promise<Lab> {
  const { seed = 1, world: worldOptions = {} } = options;
  const apOptions = listed<DeviceOptions>(options.aps, 1);
  const switchOptions = listed<DeviceOptions>(options.switches, 0);
  const { site, clients: clientOptions } = siteOf(options, seed, {
    aps: apOptions.length,
    switches: switchOptions.length,
  });
  const isVirtual = (options.clock ?? (options.cloud ? 'real' : 'virtual')) === 'virtual';
  let happened = 0;
  let links: Links | null = null;
  const clock = isVirtual
    ? virtualClock({
        startMs: options.startMs ?? MONDAY_MS,
        activity: () => happened + (links?.activity() ?? 0),
        isBusy: () => links?.isDialling === true,
      })
    : realClock();
  const startMs = clock.wallMs();
  const startMonoMs = clock.monoMs();
  const steps: Record<string, unknown>[] = [];
  const record = (step: Record<string, unknown>): void => {
    steps.push({ at: `${Math.round(clock.monoMs() - startMonoMs)}ms`, ...step });
  };
  links = new Links(clock, seed);
  undo.push(() => links?.close());
  const logLines: string[] = [];
  const log = pino(
    { level: 'info', base: { seed }, timestamp: () => `,"time":${clock.wallMs()}` },
    {
      write: (line: string) => {
        logLines.push(line);
        if (logLines.length > MOST_LOG_LINES) logLines.splice(0, MOST_LOG_LINES / 2);
      },
    },
  );
  /** In virtual time nothing that waits for a timer comes to an end by itself. */
  const drive = async <T>(work: Promise<T>): Promise<T> => {
    let isDone = false;
    const settled = work.finally(() => {
      isDone = true;
    });
    settled.catch(() => undefined);
    if (clock.isVirtual) await clock.until(() => isDone, START_WITHIN_MS);
    return settled;
  };

  // The world.
  const happenings =
    worldOptions.happenings === undefined ? null : readHappenings(worldOptions.happenings, site);
  if (happenings !== null && !happenings.ok) {
    const detail = happenings.problems
      .map(({ line, path, message }) => `line ${line}: ${path}: ${message}`)
      .join('; ');
    throw new AirherdError('usage-invalid', { detail });
  }
  const timeline = new Timeline(site, happenings?.ok ? happenings.value : []);
  const conditions = new LabConditions(site, timeline.conditionsAt);
  const crowd =
    (worldOptions.crowd ?? 0) > 0
      ? siteCast(site, { conditionsAt: conditions.at, clients: worldOptions.crowd })
      : NOBODY;
  const live: LiveClient[] = labBeings(site, clientOptions).map((being) => {
    const walk = new Walk(being.home.floor, being.home, startMs);
    return { being, walk };
  });
  const own = new Set(live.map(({ being }) => being.id));
  const facts: { fact: Fact; atMs: number }[] = [];
  const frames: WorldFrame[] = [];
  const world = new LiveWorld({
    site,
    conditions,
    clients: live,
    crowd: { ...crowd, beings: crowd.beings.filter(({ id }) => !own.has(id)) },
    startMs,
    beaconsOneIn: worldOptions.beaconsOneIn ?? 100,
    onFact: (fact, atMs) => facts.push({ fact, atMs }),
    onFrame: (frame) => {
      frames.push(frame);
      if (frames.length > MOST_FRAMES) frames.splice(0, MOST_FRAMES / 2);
    },
  });
  let tick = clock.timer(0, () => undefined);
  let isStopped = false;
  const nowMs = () => startMs + clock.monoMs() - startMonoMs;
  const schedule = (): void => {
    tick.cancel();
    if (isStopped) return;
    const dueMs = Math.ceil((Math.max(world.nextMs(), nowMs()) + 0.001) / GRID_MS) * GRID_MS;
    tick = clock.timer(Math.min(dueMs - nowMs(), LONGEST_STEP_MS), () => {
      world.advance(nowMs());
      happened++;
      schedule();
    });
  };
  undo.push(() => {
    isStopped = true;
    tick.cancel();
  });
  const worldChanged = (): void => {
    world.advance(nowMs());
    world.changed();
    schedule();
  };

  // The cloud.
  const cloud = options.cloud ? null : await LabCloud.start(cloudClock(clock), log);
  if (cloud !== null) undo.push(() => drive(cloud.remove()));
  const foreign = options.cloud;
  const url = foreign?.url ?? cloud?.url ?? '';

  // The devices.
  const payloads = new Payloads();
  const linkOf = new Map<string, ReturnType<Links['of']>>();
  const device = async (
    kind: 'ap' | 'switch',
    id: string,
    index: number,
    of: DeviceOptions,
  ): Promise<LabDevice> => {
    const life =
      of.certificate === undefined
        ? undefined
        : { nowMs: startMs, days: durationMs(of.certificate) / 86_400_000 };
    const link = links!.of(id, record);
    linkOf.set(id, link);
    return new LabDevice({
      ...{ id, seed, clock, url, payloads, log },
      identity: await labIdentity(kind, index, life),
      clockOffMs: of.clockOffMs ?? 0,
      dialer: link.dialer,
      cloud: foreign?.config ?? {},
      config: of.config ?? {},
      source: () => world.source(id),
      onEvent: () => {
        happened++;
      },
    });
  };
  const aps = await Promise.all(
    apOptions.map((of, i) => device('ap', idOf(site.accessPoints, i, 'access point'), i, of)),
  );
  const switches = await Promise.all(
    switchOptions.map((of, i) => device('switch', idOf(site.switches, i, 'switch'), i, of)),
  );
  const devices = [...aps, ...switches];
  if (cloud !== null) {
    await cloud.own(devices.map(({ identity }) => identity));
    if (options.privacyClasses !== undefined) {
      const { organisations } = cloud.cloud.registry;
      const wanted = [...organisations.known(cloud.orgId).privacyClasses, ...options.privacyClasses];
      organisations.setPrivacyClasses(
        cloud.orgId,
        PRIVACY_CLASSES.filter((name) => wanted.includes(name)),
      );
    }
  }
  undo.push(() => drive(Promise.all(devices.map((one) => one.stop())).then(() => undefined)));
  await Promise.all(devices.map((one) => one.start()));
  await clock.until(() => devices.every((one) => one.state === 'open'), START_WITHIN_MS);

  const macOf = (being: LiveClient['being']): string => being.mac;
  const evidence = (message: string): Promise<string> =>
    leaveEvidence({
      seed,
      message,
      scenario: scenario('replay'),
      log: logLines,
      facts,
      frames,
      folder: options.evidence,
    });
  const scenario = (name = 'recorded'): object => ({
    scenario: name,
    seed,
    ...(clock.isVirtual ? { start: new Date(startMs).toISOString() } : { clock: 'real' }),
    ...(options.aps !== undefined && { aps: options.aps }),
    ...(options.switches !== undefined && { switches: options.switches }),
    ...(options.clients !== undefined && { clients: options.clients }),
    ...(options.ssids !== undefined && { ssids: options.ssids }),
    ...(options.world !== undefined && { world: options.world }),
    ...(options.privacyClasses !== undefined && { privacyClasses: options.privacyClasses }),
    timeline: [...steps],
  });
  const expect = createExpect({
    ...{ clock, cloud, devices, facts, evidence, record },
    nameOf: (mac) => live.find(({ being }) => macOf(being) === mac)?.being.id ?? mac,
    payloadsOf: (id) => payloads.sent.filter((payload) => payload.device === id),
    hasHeard: (id, ssid, sinceMs) => {
      // IEEE 802.11-2020 9.4.2.2: element 0, its length, the name.
      const element = Buffer.concat([Buffer.of(0, Buffer.byteLength(ssid)), Buffer.from(ssid)]);
      return frames.some(
        ({ device, timeUs, bytes }) =>
          device === id && timeUs / 1000 >= sinceMs && Buffer.from(bytes).includes(element),
      );
    },
  });

  const failOwn = async (one: LabDevice, what: OwnFault, detail: FaultDetail): Promise<FaultHandle> => {
    if (what === 'power') {
      const isAp = aps.includes(one);
      const written = isAp ? { accessPoint: one.id } : { switch: one.id };
      const off = conditions.begin(isAp ? 'access-point-down' : 'switch-down', written, nowMs());
      worldChanged();
      await drive(one.stop());
      return {
        mend: async () => {
          record({ do: 'mend', device: one.id, what });
          off.end(nowMs());
          worldChanged();
          await one.start();
        },
      };
    }
    if (what === 'clock') {
      const before = one.clockOffMs;
      one.clockOffMs = Number(detail.offMs ?? 0);
      return {
        mend: async () => {
          record({ do: 'mend', device: one.id, what });
          one.clockOffMs = before;
        },
      };
    }
    one.files.capacityBytes = one.files.usedBytes;
    return {
      mend: async () => {
        record({ do: 'mend', device: one.id, what });
        one.files.capacityBytes = Number.POSITIVE_INFINITY;
      },
    };
  };
  const failSite = (
    of: { id: string; kind: 'ap' | 'switch' } | null,
    what: string,
    detail: FaultDetail,
  ): FaultHandle => {
    const { kind, written } = happeningOf(what, of, detail);
    const begun = conditions.begin(kind, written, nowMs());
    worldChanged();
    return {
      mend: async () => {
        record({ do: 'mend', ...(of && { device: of.id }), what });
        begun.end(nowMs());
        worldChanged();
      },
    };
  };
  const handleOf = (one: LabDevice, kind: 'ap' | 'switch'): DeviceHandle => ({
    id: one.id,
    serial: one.identity.serial,
    get state() {
      return one.state;
    },
    link: linkOf.get(one.id)!,
    fail: async (what, detail = {}) => {
      const handle = isOwnFault(what)
        ? await failOwn(one, what, detail)
        : failSite({ id: one.id, kind }, what, detail);
      record({ do: 'fail', device: one.id, what, ...withDetail(detail) });
      return handle;
    },
    restart: async () => {
      record({ do: 'restart', device: one.id });
      await drive(one.stop());
      await one.start();
    },
  });
  const bugs = new Map<string, { end(atMs: number): void }>();
  const clientOf = ({ being, walk }: LiveClient): ClientHandle => ({
    id: being.id,
    mac: macOf(being),
    get at() {
      const { x, y } = walk.positionAt(nowMs());
      return { x, y };
    },
    walkTo: async (x, y, { metresPerS = WALKING_M_PER_S } = {}) => {
      record({ do: 'walk', client: being.id, x, y, ...(metresPerS !== WALKING_M_PER_S && { metresPerS }) });
      const takesMs = walk.walk({ x, y }, nowMs(), metresPerS);
      worldChanged();
      await clock.advance(takesMs);
    },
    join: async (ssid, { wrongPassword = false } = {}) => {
      if (!site.ssids.some(({ name }) => name === ssid)) {
        const detail = `no network ${ssid}; there are ${site.ssids.map(({ name }) => name).join(', ')}`;
        throw new AirherdError('usage-invalid', { detail });
      }
      record({ do: 'join', client: being.id, ssid, ...(wrongPassword && { wrongPassword }) });
      bugs.get(being.id)?.end(nowMs());
      if (wrongPassword) bugs.set(being.id, wrongPasswordOf(being, conditions, nowMs()));
      walk.wants(ssid, nowMs());
      worldChanged();
    },
    leave: async () => {
      record({ do: 'leave', client: being.id });
      walk.wants(null, nowMs());
      worldChanged();
    },
  });
  const apHandles = aps.map((one) => handleOf(one, 'ap'));
  const switchHandles = switches.map((one) => handleOf(one, 'switch'));
  const clientHandles = live.map(clientOf);
  live.forEach(({ being, walk }, i) => {
    const wanted = clientOptions[i]?.ssid;
    walk.wants(being.wifi === null || wanted === null ? null : (wanted ?? site.ssids[0].name), nowMs());
  });
  for (const what of options.faults ?? []) failSite(null, what, {});
  worldChanged();

  const found = <T extends { id: string }>(all: readonly T[], id: string | undefined, kind: string): T => {
    const one = id === undefined ? all[0] : all.find((candidate) => candidate.id === id);
    if (one !== undefined) return one;
    const detail = `no ${kind} ${id ?? ''}; there are ${all.map((item) => item.id).join(', ') || 'none'}`;
    throw new AirherdError('usage-invalid', { detail });
  };
  const ofStub = (): LabCloud => {
    if (cloud !== null) return cloud;
    throw new AirherdError('usage-invalid', {
      detail: 'the cloud of this lab is yours: it is not the lab’s to start or stop',
    });
  };
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  return {
    seed,
    cloud: {
      url,
      get stub() {
        return ofStub().cloud;
      },
      get orgId() {
        return ofStub().orgId;
      },
      get siteId() {
        return ofStub().siteId;
      },
      get dir() {
        return ofStub().dir;
      },
      get token() {
        return ofStub().token;
      },
      kill: async () => {
        record({ do: 'kill-cloud' });
        await drive(ofStub().down());
      },
      start: async () => {
        record({ do: 'start-cloud' });
        await drive(ofStub().up());
      },
    },
    aps: apHandles,
    switches: switchHandles,
    clients: clientHandles,
    ap: (id) => found(apHandles, id, 'access point'),
    switch: (id) => found(switchHandles, id, 'switch'),
    client: (id) => found(clientHandles, id, 'client'),
    clock: {
      isVirtual: clock.isVirtual,
      wallMs: () => clock.wallMs(),
      monoMs: () => clock.monoMs(),
      advance: async (by: Duration) => {
        record({ do: 'wait', for: `${durationMs(by)}ms` });
        await clock.advance(by);
      },
    },
    expect,
    fail: async (what, detail = {}) => {
      const handle = failSite(null, what, detail);
      record({ do: 'fail', what, ...withDetail(detail) });
      return handle;
    },
    pcap: {
      of: (client) => {
        if (client === undefined) return pcapngOf(frames);
        const one = typeof client === 'string' ? found(clientHandles, client, 'client') : client;
        const mac = Buffer.from(one.mac.replaceAll(':', ''), 'hex');
        return pcapngOf(frames.filter(({ bytes }) => Buffer.from(bytes).includes(mac)));
      },
    },
    payloadsOf: (id) => payloads.sent.filter((payload) => payload.device === id),
    digests: () => payloads.digests(),
    facts,
    scenario,
    evidence,
    during: drive,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function idOf(of: readonly { id: string }[], index: number, kind: string): string {
  const one = of[index];
  if (one !== undefined) return one.id;
  throw new AirherdError('usage-invalid', { detail: `the site has only ${of.length} of the kind ${kind}` });
}

function wrongPasswordOf(being: LiveClient['being'], conditions: LabConditions, fromMs: number) {
  const { id, os, osVersion } = being;
  return conditions.change('wrong-password', fromMs, (draft, cause) => {
    draft.osBugs = [...draft.osBugs, { os, osVersion, being: id, effect: 'wrong-mic', everyMs: 0, cause }];
  });
}

const withDetail = (detail: FaultDetail): { with?: FaultDetail } =>
  Object.keys(detail).length > 0 ? { with: detail } : {};
