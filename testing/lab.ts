/** A lab: a cloud or yours, devices that prove themselves to it, clients in a simulated site around them. */
import { AirherdError } from '../protocol/errors.ts';
import type { Fact } from '../world/engine/emission.ts';
import { LabApi } from './api.ts';
import { type BrokerHandle, brokerHandle } from './broker-handle.ts';
import { type ClientHandle, clientHandle } from './client-handle.ts';
import { type LabClock, realClock, virtualClock } from './clock.ts';
import { type CloudHandle, cloudHandle, ownOf } from './cloud-handle.ts';
import { type ApHandle, deviceHandle, type SwitchHandle } from './device-handle.ts';
import { type Duration, durationMs } from './duration.ts';
import { leaveEvidence, pcapngOf } from './evidence.ts';
import { createExpect, type Expect } from './expect/expect.ts';
import { waitOn } from './expect/wait.ts';
import type { FaultDetail, FaultHandle } from './faults.ts';
import { labIdentity } from './identity-cache.ts';
import { LabDevice } from './lab-device.ts';
import { LabFaults } from './lab-faults.ts';
import { labLog } from './lab-log.ts';
import { LabWorld } from './lab-world.ts';
import { Links } from './link.ts';
import type { ClientOptions, DeviceOptions, LabOptions } from './options.ts';
import { Payloads, type SentPayload } from './payloads.ts';
import { Recorder } from './recorder.ts';
import { siteOf } from './site.ts';
import { clockOf, startTarget } from './target.ts';

export interface Lab extends AsyncDisposable {
  readonly seed: number;
  readonly cloud: CloudHandle;
  readonly broker: BrokerHandle;
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

/** What ends a lab, step by step, the last begun first. */
type Undo = (() => Promise<void> | void)[];

/** A Monday morning, so that people come to work. */
const MONDAY_MS = Date.UTC(2026, 2, 2, 8);
const START_WITHIN_MS = 30_000;
/** In virtual time, what is known is told again once a minute: a day is not to be filled with it. */
const REPEAT_MS = 60_000;

/** Starts everything, and resolves when all devices are logged in, or some have not managed to within 30 s. */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const undo: Undo = [];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    return await assemble(options, undo, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Nobody looks for what the organisation lets no device send. */
const hasBluetooth = ({ cloud, privacyClasses = [] }: LabOptions): boolean =>
  cloud !== undefined || privacyClasses.some((name) => name.startsWith('ble.'));

async function assemble(options: LabOptions, undo: Undo, stop: Lab['stop']): Promise<Lab> {
  const { seed = 1 } = options;
  const worldOptions = { ble: hasBluetooth(options), ...options.world };
  const apOptions = listed<DeviceOptions>(options.aps, 1);
  const switchOptions = listed<DeviceOptions>(options.switches, 0);
  const clientOptions = listed<ClientOptions>(options.clients, 0);

  let moved = 0;
  const onMoved = (): void => {
    moved++;
  };
  let links: Links | null = null;
  const clock =
    clockOf(options) === 'virtual'
      ? virtualClock({
          startMs: options.startMs ?? MONDAY_MS,
          activity: () => moved + (links?.activity() ?? 0),
          isBusy: () => links?.isDialling === true,
        })
      : realClock();
  const recorder = new Recorder(clock);
  const { log, lines } = labLog(clock, seed);
  const wires = new Links(clock, seed);
  links = wires;
  undo.push(() => wires.close());

  const { ssids } = options;
  const world = new LabWorld({
    site: siteOf({
      ...{ seed, clients: clientOptions, world: worldOptions },
      aps: apOptions.length,
      switches: switchOptions.length,
      ...(ssids && { ssids }),
    }),
    ...{ clients: clientOptions, world: worldOptions, clock },
  });
  undo.push(() => world.stop());
  const { site, facts } = world;

  const target = await startTarget(options, { clock, log, undo });
  const { url, cloud, broker } = target;

  const payloads = new Payloads();
  const device = async (kind: 'ap' | 'switch', id: string, index: number, of: DeviceOptions) =>
    new LabDevice({
      ...{ id, kind, seed, clock, target, payloads, log },
      identity: await labIdentity(kind, index, lifeOf(of, world.startMs)),
      clockOffMs: of.clockOffMs ?? 0,
      link: wires.of(id, (step) => recorder.add(step)),
      config: of.config ?? {},
      repeatMs: clock.isVirtual ? REPEAT_MS : 0,
      source: () => world.source(id),
      onEvent: onMoved,
    });
  const aps = await Promise.all(
    apOptions.map((of, i) => device('ap', idOf(site.accessPoints, of.id, i, 'access point'), i, of)),
  );
  const switches = await Promise.all(
    switchOptions.map((of, i) => device('switch', idOf(site.switches, of.id, i, 'switch'), i, of)),
  );
  const devices = [...aps, ...switches];
  if (cloud !== null) {
    await cloud.own(devices.map(({ identity }) => identity));
    if (options.privacyClasses !== undefined) cloud.turnOn(options.privacyClasses);
  }
  undo.push(() => clock.during(Promise.all(devices.map((one) => one.stop())).then(() => undefined)));
  await Promise.all(devices.map((one) => one.start()));
  await clock.until(() => devices.every((one) => one.state === 'open'), START_WITHIN_MS);

  recorder.begin();
  const scenario = (name = 'recorded'): object =>
    recorder.scenario(name, { ...options, seed, startMs: world.startMs });
  const evidence = (message: string): Promise<string> =>
    leaveEvidence({
      ...{ seed, message, facts, log: lines, frames: world.frames, folder: options.evidence },
      digests: payloads.digests(),
      scenario: scenario('replay'),
      replay: options.replay,
    });
  const api = new LabApi({
    ...{ clock, recorder },
    cloud: () => ownOf(cloud),
    named: (word, id) => {
      if (word === 'serial') return found(devices, id, 'device').identity.serial;
      if (word !== 'mac') return null;
      const beings = world.clients.map(({ being }) => being);
      return found(beings, id, 'client').mac.replaceAll(':', '');
    },
  });
  const payloadsOf = (id: string) => payloads.sent.filter((payload) => payload.device === id);
  const expect = createExpect({
    wait: waitOn({ clock, evidence, record: (step) => recorder.add(step) }),
    ...{ clock, cloud, devices, facts, payloadsOf, api, evidence },
    nameOf: (mac) => world.clients.find(({ being }) => being.mac === mac)?.being.id ?? mac,
    beaconsHeard: (id, sinceMs) => world.beaconsHeard(id, sinceMs),
  });

  const faults = new LabFaults(world, clock, recorder);
  const handle = (one: LabDevice) => deviceHandle(one, { faults, clock, links: wires, recorder, target });
  const apHandles = aps.map(handle);
  const switchHandles = switches.map(handle);
  const clientHandles = world.clients.map((one) => clientHandle(one, { world, clock, recorder }));
  world.change((atMs) => {
    world.clients.forEach(({ being, walk }, i) => {
      const { ssid = site.ssids[0].name } = clientOptions[i];
      walk.wants(being.wifi === null ? null : ssid, atMs);
    });
  });
  for (const what of options.faults ?? []) faults.site(null, what, {});

  return {
    seed,
    cloud: cloudHandle(cloud, {
      ...{ url, clock, recorder, api },
      models: devices.map(({ identity }) => identity.model),
    }),
    broker: brokerHandle(broker, { name: options.broker ?? 'own', url, clock, recorder }),
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
        recorder.add({ do: 'wait', for: `${durationMs(by)}ms` });
        await clock.advance(by);
      },
    },
    expect,
    fail: (what, detail = {}) => faults.begin(null, what, detail),
    pcap: {
      of: (client) => {
        if (client === undefined) return pcapngOf(world.frames);
        const { mac } = typeof client === 'string' ? found(clientHandles, client, 'client') : client;
        const bytes = Buffer.from(mac.replaceAll(':', ''), 'hex');
        return pcapngOf(world.frames.filter((frame) => Buffer.from(frame.bytes).includes(bytes)));
      },
    },
    payloadsOf,
    digests: () => payloads.digests(),
    facts,
    scenario,
    evidence,
    during: (work) => clock.during(work),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

const listed = <T extends object>(what: number | readonly T[] | undefined, fallback: number): readonly T[] =>
  typeof what === 'object' ? what : Array.from({ length: what ?? fallback }, () => ({}) as T);

const lifeOf = ({ certificate }: DeviceOptions, nowMs: number) =>
  certificate === undefined ? undefined : { nowMs, days: durationMs(certificate) / 86_400_000 };

function found<T extends { id: string }>(all: readonly T[], id: string | undefined, kind: string): T {
  const one = id === undefined ? all[0] : all.find((candidate) => candidate.id === id);
  if (one !== undefined) return one;
  const detail = `no ${kind} ${id ?? ''}; there are ${all.map((item) => item.id).join(', ') || 'none'}`;
  throw new AirherdError('usage-invalid', { detail });
}

/** By its name where it has one, else by its number. */
function idOf(of: readonly { id: string }[], id: string | undefined, index: number, kind: string): string {
  if (id !== undefined) return found(of, id, kind).id;
  const one = of[index];
  if (one !== undefined) return one.id;
  throw new AirherdError('usage-invalid', { detail: `the site has only ${of.length} of the kind ${kind}` });
}
