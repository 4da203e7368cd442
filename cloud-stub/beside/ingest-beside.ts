import type { Timer } from '../../platform/ports/clock.ts';
import { ANEW } from '../../protocol/challenge.ts';
import { AirherdError } from '../../protocol/errors.ts';
import { FrameOpener, FrameSealer, type SessionKeys } from '../../protocol/session-mac.ts';
import { TopicLayout } from '../../protocol/topic-layout.ts';
import { parseTopic, type UpStream } from '../../protocol/topics.ts';
import type { BrokerOptions } from '../broker/broker.ts';
import type { LoggedIn } from '../broker/login.ts';
import { Session } from '../broker/session.ts';
import { standingOf, welcome } from '../broker/standing.ts';
import type { BrokerCertificates } from './broker-certificates.ts';
import { BrokerLink, type BrokerLinkOptions } from './broker-link.ts';
import { Challenges } from './challenges.ts';

/** A broker that is not ours, and how to reach it. */
export interface BesideOptions
  extends Pick<
    BrokerLinkOptions,
    'address' | 'credentials' | 'trustPem' | 'minVersion' | 'alpn' | 'username' | 'password' | 'dialer'
  > {
  /** Default: ap/v1/{serial}/{direction}/{name} */
  topics?: string;
  /** Group of a shared subscription (`$share/<group>/…`), for brokers that have it. */
  sharedGroup?: string;
  clientId: string;
}

export interface BesideCloud extends Omit<BrokerOptions, 'trustPem'> {
  certificates: BrokerCertificates;
}

interface Live {
  session: Session;
  opener: FrameOpener;
  heardMs: number;
}

/** A device reports its own health once a minute: one that is silent for so long is gone. */
const SILENT_MS = 200_000;
const SWEEP_MS = 20_000;
/** A device without a session is asked for its proof this often at most. */
const ANEW_MS = 1000;
const MOST_ASKED = 50_000;

/** Ingest beside a foreign broker: proves, takes, stores and acknowledges as the embedded broker does. */
export class IngestBeside {
  readonly #cloud: BesideCloud;
  readonly #layout: TopicLayout;
  readonly #link: BrokerLink;
  readonly #challenges: Challenges;
  readonly #live = new Map<string, Live>();
  readonly #asked = new Map<string, number>();
  readonly #where: string;
  #sweep: Timer | null = null;

  constructor(options: BesideOptions, cloud: BesideCloud) {
    const { sharedGroup, topics, ...rest } = options;
    this.#cloud = cloud;
    this.#layout = new TopicLayout(topics);
    this.#challenges = new Challenges(cloud);
    this.#where = `${options.address.host}:${options.address.port}`;
    const filter = this.#layout.upFilter();
    this.#link = new BrokerLink({
      ...rest,
      filter: sharedGroup === undefined ? filter : `$share/${sharedGroup}/${filter}`,
      clock: cloud.clock,
      random: cloud.random,
      log: cloud.log,
      onMessage: (topic, payload) => this.#take(topic, payload),
      onCertificate: (sha256) => cloud.certificates.add(sha256),
    });
  }

  get isUp(): boolean {
    return this.#link.isUp;
  }

  async start(): Promise<void> {
    await this.#link.start();
    this.#sweep = this.#cloud.clock.every(SWEEP_MS, () => this.#endSilent());
  }

  async stop(): Promise<void> {
    this.#sweep?.cancel();
    for (const { session } of this.#live.values()) this.#cloud.sessions.end(session);
    this.#live.clear();
    await this.#link.stop();
  }

  #take(topic: string, payload: Buffer): void {
    const parsed = this.#layout.parse(topic);
    if (parsed?.direction !== 'tx') return;
    const { serial, name } = parsed;
    try {
      if (name === 'auth') this.#authenticate(serial, payload);
      else this.#message(serial, name, payload);
    } catch (error) {
      this.#refuse(serial, error);
    }
  }

  #refuse(serial: string, error: unknown): void {
    const detail = error instanceof Error ? error.message : String(error);
    const known = error instanceof AirherdError ? error : new AirherdError('internal', { detail });
    this.#cloud.refusals.record(known, this.#where, serial);
  }

  #authenticate(serial: string, payload: Buffer): void {
    if (payload.equals(ANEW)) return;
    const result = this.#challenges.take(serial, payload);
    if (result.kind === 'answer') this.#link.publish(this.#layout.down(serial, 'auth'), result.payload);
    else this.#begin(result.login, result.keys);
  }

  #begin(login: LoggedIn, keys: SessionKeys): void {
    const { clock, limits, log, regions, sessions, stores } = this.#cloud;
    const { device } = login;
    const { serial } = device;
    if (stores.full) throw new AirherdError('login-refused', { serial, detail: 'its store is full' });
    const registry = regions.registryFor(serial);
    const sealer = new FrameSealer(keys.down);
    const session = new Session({
      login,
      channel: {
        remoteAddress: this.#where,
        destroy: () => {
          if (this.#live.get(serial)?.session === session) this.#live.delete(serial);
        },
      },
      standing: standingOf(registry, device, regions.elsewhere(serial)),
      connectedMs: clock.wallMs(),
      publish: (topic, payload) => {
        const parsed = parseTopic(topic);
        if (parsed?.direction !== 'rx') return;
        const { topic: name } = parsed;
        this.#link.publish(this.#layout.down(serial, name), sealer.seal(name, payload));
      },
    });
    // The broker does not say when a device goes: its session before this one is no second device.
    const before = this.#live.get(serial);
    if (before) sessions.end(before.session);
    this.#live.set(serial, { session, opener: new FrameOpener(keys.up), heardMs: clock.monoMs() });
    registry.settleCertificate(serial, login.proof.certificateSha256);
    if (login.settlesRotation) registry.rotation.settle(serial);
    sessions.begin(session);
    session.open = true;
    log.info({ serial, orgId: session.standing.orgId, broker: this.#where }, 'device logged in');
    session.send('welcome', welcome(session.standing, limits, clock.wallMs()));
  }

  #message(serial: string, stream: UpStream, frame: Buffer): void {
    const live = this.#live.get(serial);
    if (!live || live.session.ended) {
      this.#askAnew(serial);
      return;
    }
    const opened = live.opener.open(stream, frame);
    if (!opened.ok) throw new AirherdError('message-forged', { serial, stream, why: opened.why });
    live.heardMs = this.#cloud.clock.monoMs();
    const { session } = live;
    if (session.standing.elsewhere) throw new AirherdError('region-elsewhere', { serial });
    this.#cloud.ingest.take(session, stream, opened.body).catch((error: unknown) => {
      const detail = error instanceof Error ? error.message : String(error);
      const known = error instanceof AirherdError ? error : new AirherdError('internal', { detail });
      this.#cloud.sessions.cut(session, known);
    });
  }

  /** After a restart of ours: the device believes in a session that nobody knows any more. */
  #askAnew(serial: string): void {
    const { clock, regions } = this.#cloud;
    const nowMs = clock.monoMs();
    if (nowMs - (this.#asked.get(serial) ?? Number.NEGATIVE_INFINITY) < ANEW_MS) return;
    if (!regions.registryFor(serial).find(serial)) return;
    if (this.#asked.size >= MOST_ASKED) this.#asked.clear();
    this.#asked.set(serial, nowMs);
    this.#link.publish(this.#layout.down(serial, 'auth'), ANEW);
  }

  #endSilent(): void {
    const nowMs = this.#cloud.clock.monoMs();
    for (const [serial, { session, heardMs }] of this.#live) {
      if (nowMs - heardMs < SILENT_MS) continue;
      this.#live.delete(serial);
      this.#cloud.sessions.end(session);
    }
  }
}
