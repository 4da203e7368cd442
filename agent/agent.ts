import type { Identity } from '../certs/identity.ts';
import { sleep } from '../platform/ports/clock.ts';
import { parseCloudUrl } from '../protocol/cloud-url.ts';
import { AirherdError } from '../protocol/errors.ts';
import { DeviceTime } from './device-time.ts';
import { createCommands } from './features/command.ts';
import { Configure } from './features/configure.ts';
import { eraseSubject } from './features/erase.ts';
import { produceHello } from './features/hello.ts';
import { createObservations } from './features/observations.ts';
import { operate } from './features/operate.ts';
import { createRenewal, renewalDue } from './features/renew.ts';
import { createRotation } from './features/rotate.ts';
import { type SourceReport, startStats } from './features/stats.ts';
import { Upgrade } from './firmware/upgrade.ts';
import { HomeRegion } from './home-region.ts';
import { login, loginSettings } from './login.ts';
import { loginIdentity } from './login-identity.ts';
import { DRAIN_MS, serveSession } from './open-session.ts';
import type { AgentEvent, AgentOptions } from './options.ts';
import { BOOT_ID_BYTES, openOutbox, outboxKey } from './outbox/open.ts';
import type { StreamLedger } from './outbox/outbox.ts';
import { Pipeline } from './pipeline.ts';
import { createProducer } from './producer.ts';
import { RecentEvents } from './recent-events.ts';
import { Session, type SessionState } from './session.ts';
import { Settings } from './settings.ts';

export interface Agent {
  /** Opens the outbox and begins to log in. Rejects when the outbox cannot be opened. */
  start(): Promise<void>;
  /** Sends what can be sent within two seconds, closes, and cancels every timer. */
  stop(): Promise<void>;
  readonly state: SessionState;
  /** produced = acknowledged + pending + dropped, per stream, of this boot. */
  ledger(): StreamLedger[];
  /** What each source has given since it began, and what it lost, by whom. */
  sources(): SourceReport[];
  readonly outbox: { bytes: number; pending: number; diskFaults: number; heldBack: number };
  /** Resolves when all sources have ended. */
  readonly sourcesEnded: Promise<void>;
  /** Resolves when nothing is pending any more. */
  drained(): Promise<void>;
  /** Asks the cloud for another certificate, whatever is left of this one; the event `renewed` follows. */
  renew(): Promise<void>;
}

/** One device: it logs in, observes, and delivers, until it is stopped. */
export function createAgent(options: AgentOptions): Agent {
  const { clock, config, dialer, files, log, random, sources } = options;
  /** For a support bundle: not where nobody can ask for one, as in a fleet of thousands. */
  const recent = new RecentEvents();
  const emit = (event: AgentEvent): void => {
    if (options.operator?.about) recent.take(event, clock.monoMs());
    upgrade?.see(event);
    options.onEvent?.(event);
  };
  const { serial } = options.identity;
  const address = parseCloudUrl(config.cloud.url)!;
  const abort = new AbortController();
  /** Sources stop first: what they gave is still to be made into messages, and those are to be sent. */
  const sourcesAbort = new AbortController();
  const producerAbort = new AbortController();

  let identity = options.identity;
  let credentials = loginIdentity(identity);
  let renewalAsked = false;
  const time = new DeviceTime(clock, { notBeforeMs: options.notBeforeMs, trusted: config.clock.trusted });
  const settings = new Settings(files);
  const home = new HomeRegion(address, files);
  const outbox = openOutbox({
    identity,
    config: config.outbox,
    files,
    clock,
    random,
    time,
    bootId: random.bytes(BOOT_ID_BYTES),
    onFault: (detail) => {
      log?.warn({ serial, detail }, 'outbox');
      emit({ type: 'disk-fault', detail });
    },
  });
  const producer = createProducer(outbox, time, settings, producerAbort.signal, (stream, seq, wantedAtMs) =>
    emit({ type: 'produced', stream, seq, wantedAtMs }),
  );
  const observations = createObservations({
    producer,
    settings,
    config,
    time,
    random,
    manufacturerOf: options.manufacturerOf,
  });
  const pipeline = new Pipeline({
    sources,
    features: observations.features,
    clock,
    flushMs: config.report.flushMs,
    onSource: (name, state, error) => {
      log?.info({ serial, source: name, state, code: error?.code }, 'source');
      emit({ type: 'source', name, state, error });
    },
  });
  const replaceIdentity = async (next: Identity): Promise<void> => {
    await options.saveIdentity?.(next);
    identity = next;
    credentials = loginIdentity(next);
  };
  const renewal = createRenewal({
    identity: () => identity,
    time,
    install: async (renewed) => {
      await replaceIdentity(renewed);
      renewalAsked = false;
      emit({ type: 'renewed', notAfterMs: renewed.notAfterMs });
    },
  });
  const rotation = createRotation({
    identity: () => identity,
    random,
    install: async (rotated) => {
      await replaceIdentity(rotated);
      outbox.sealWith(outboxKey(rotated));
      emit({ type: 'key-rotated', generation: rotated.keyGeneration });
    },
  });
  const configure = new Configure({
    configurable: options.configurable,
    producer,
    clock,
    onOutcome: (version, state, problems) => {
      log?.info({ serial, version, state, problems }, 'configuration');
      emit({ type: 'configuration', version, state, problems });
    },
    onFault: (error) => log?.error({ serial, err: error }, 'configuration'),
  });
  const sayHello = () =>
    produceHello(producer, {
      identity,
      firmware: options.firmware,
      standing: upgrade?.standing,
      configVersion: settings.version,
      configuration: configure.judged,
      classes: observations.classes,
    });
  const upgrade = options.upgrade
    ? new Upgrade({
        ...{ agent: options, firmware: options.upgrade, model: identity.model, producer, time, emit },
        identity: () => credentials,
        onCommitted: () => void sayHello().catch(() => {}),
      })
    : null;
  const commands = createCommands(serial, producer, {
    ...renewal.handlers,
    ...rotation,
    ...observations.handlers,
    ...eraseSubject(outbox, observations.memories),
    ...operate(
      options.operator,
      () => ({
        ...{
          serial,
          firmware: options.firmware,
          ...upgrade?.standing,
          session: session.state,
          monoMs: Math.round(clock.monoMs()),
        },
        ...{ sources: pipeline.reports(), ledger: outbox.ledger(), classes: observations.classes },
      }),
      () => recent.list(),
    ),
  });
  /** What earlier factory keys sealed is delivered, or there is none: their outbox keys are of no more use. */
  const forgetDrainedKeys = async (): Promise<void> => {
    const { olderOutboxKeys } = identity;
    const used = olderOutboxKeys.filter(({ generation }) => outbox.isSealedWith(generation));
    if (used.length < olderOutboxKeys.length) await replaceIdentity({ ...identity, olderOutboxKeys: used });
  };

  let endSources: () => void = () => {};
  const sourcesEnded = new Promise<void>((resolve) => {
    endSources = resolve;
  });
  let observing: Promise<void> | null = null;
  /** Nobody is observed before somebody owns the device. */
  const observeWhenClaimed = (): void => {
    if (!settings.claimed || observing || sourcesAbort.signal.aborted) return;
    observing = pipeline.run(sourcesAbort.signal).finally(() => endSources());
    observing.catch((error) => log?.error({ serial, err: error }, 'observing failed'));
  };
  settings.onChange(observeWhenClaimed);

  const renewWhenDue = async (): Promise<void> => {
    if (renewalAsked || !renewalDue(identity, time.nowMs()) || !settings.claimed) return;
    await askForRenewal();
  };
  const askForRenewal = async (): Promise<void> => {
    renewalAsked = true;
    const result = { csr: await renewal.request() };
    await producer.produce('reply', { class: 'device', id: 'renewal-due', ok: true, result });
  };

  const stats = { report: async () => {}, stop: () => {} };
  const session = new Session({
    serial,
    address,
    clock,
    random,
    backoff: config.backoff,
    stableMs: config.backoff.stableMs,
    home,
    onMoved: () => {
      settings.moved();
      return outbox.movedElsewhere(() => true);
    },
    login: (target, onStep, signal) =>
      (options.login ?? login)({
        identity: credentials,
        address: target,
        serverName: target === address ? (config.cloud.serverName ?? address.host) : target.host,
        ...loginSettings(config.cloud),
        dialer,
        clock,
        random,
        time,
        signal,
        mqtt: options.mqtt,
        onStep: (step, detail) => {
          onStep(step);
          emit({ type: 'step', step, detail });
        },
        onRefused: (topic, why) => {
          log?.warn({ serial, topic, why }, 'a message that the cloud did not make was dropped');
          emit({ type: 'refused', topic, why });
        },
      }),
    serve: (loggedIn, signal) =>
      serveSession(
        loggedIn,
        {
          outbox,
          settings,
          time,
          clock,
          hello: async () => {
            await sayHello();
            void stats.report();
          },
          onWelcome: (welcome) => {
            emit({ type: 'welcome', welcome });
            void renewWhenDue().catch((error) => log?.error({ serial, err: error }, 'renewal failed'));
          },
          onOpened: (claimed) => void configure.opened(claimed),
          onConfiguration: (wanted) => void configure.take(wanted),
          onConfig: (applied) => emit({ type: 'config', config: applied }),
          onCommand: (command) => {
            log?.info({ serial, command: command.name }, 'command');
            emit({ type: 'command', name: command.name });
            commands(command).then(
              () => {
                if (command.name === 'restart') options.operator?.restart?.();
              },
              () => {},
            );
          },
          onUpgrade: (order) => {
            if (upgrade) return upgrade.order(order);
            const { id, version } = order;
            const refused = { version, phase: 'failed', percent: 0, code: 'command-unknown' } as const;
            void producer
              .produce('upgrade', { class: 'device', ...(id && { id }), ...refused })
              .catch(() => {});
          },
          onSent: (stream, seq, bytes) => emit({ type: 'sent', stream, seq, bytes }),
          onAcknowledged: (stream, seq) => {
            if (stream === 'configuration') void configure.acknowledged(seq);
            emit({ type: 'acknowledged', stream, seq });
          },
        },
        signal,
      ),
    onState: (state, previous) => {
      log?.info({ serial, state, previous }, 'session');
      emit({ type: 'state', state, previous });
    },
    onFailure: (error, retryInMs) => {
      log?.warn({ serial, code: error.code, detail: error.message, retryInMs }, 'session failed');
      emit({ type: 'failure', error, retryInMs });
    },
  });

  let running: Promise<void> | null = null;
  return {
    async start() {
      await settings.load();
      await home.load();
      try {
        await outbox.open();
      } catch (error) {
        const detail = error instanceof Error ? error.message : String(error);
        throw new AirherdError('outbox-damaged', { path: config.outbox.path ?? 'outbox', detail });
      }
      // Which region has the beginning of what an earlier boot left is not known any more.
      if (home.isRedirected) await outbox.movedElsewhere((boot) => boot !== outbox.boot);
      await forgetDrainedKeys();
      const started = startStats({
        clock,
        time,
        outbox,
        producer,
        periodMs: config.report.statsMs,
        sources: () => pipeline.reports(),
        slicing: observations.slicing,
        captures: observations.captures,
        usage: options.usage ?? (() => ({ memoryBytes: 0, cpuMs: 0 })),
      });
      Object.assign(stats, started);
      upgrade?.start();
      observeWhenClaimed();
      configure.start();
      running = session.run(abort.signal);
      running.catch((error) => log?.error({ serial, err: error }, 'session broke'));
    },
    async stop() {
      await upgrade?.stop();
      sourcesAbort.abort(new Error('stopped'));
      stats.stop();
      await configure.stop();
      const grace = new AbortController();
      const late = sleep(clock, DRAIN_MS, grace.signal).catch(() => {});
      await Promise.race([observing?.catch(() => {}), late]);
      grace.abort();
      producerAbort.abort(new Error('stopped'));
      endSources();
      abort.abort(new Error('stopped'));
      await running?.catch(() => {});
      await outbox.close();
      await settings.saved();
      await home.saved();
    },
    get state() {
      return session.state;
    },
    ledger: () => outbox.ledger(),
    sources: () => pipeline.reports(),
    get outbox() {
      const { bytes, pending, diskFaults, heldBack } = outbox;
      return { bytes, pending, diskFaults, heldBack };
    },
    sourcesEnded,
    drained: () => outbox.whenEmpty(),
    renew: askForRenewal,
  };
}
