import type { Logger } from 'pino';
import type { Clock, Timer } from '../../platform/ports/clock.ts';
import { AirherdError } from '../../protocol/errors.ts';
import type { Hello } from '../../protocol/messages/hello.ts';
import type { UpgradeOrder, UpgradeProgress } from '../../protocol/messages/upgrade.ts';
import type { Session } from '../broker/session.ts';
import type { Sessions } from '../broker/sessions.ts';
import type { Registry } from '../registry/registry.ts';
import type { Stores } from '../store/stores.ts';
import type { Image, Images } from './images.ts';
import type { NewRollout, Rollout, Rollouts, Target } from './rollouts.ts';
import { hasEnded, hasFailed, judge } from './stages.ts';

/** Thousands of devices that end at once are looked at together. */
const LOOK_MS = 100;
const ACTOR = { id: 'cloud', name: 'cloud', address: '' };

export interface DirectorOptions {
  images: Images;
  rollouts: Rollouts;
  registry: Registry;
  sessions: Sessions;
  stores: Stores;
  clock: Clock;
  log: Logger;
  /** Where devices get the payload of an image. */
  urlOf(imageId: string): string;
}

/** Carries roll-outs out: sends orders, follows what becomes of them, goes on to the next stage, or stops. */
export class Director {
  readonly #options: DirectorOptions;
  /** Of roll-outs that are running or paused, by organisation: most devices say hello where there are none. */
  readonly #open = new Map<string, Set<string>>();
  readonly #due = new Set<string>();
  #timer: Timer | null = null;

  constructor(options: DirectorOptions) {
    this.#options = options;
    const { rollouts, registry } = options;
    // A backup that was restored may tell of organisations that were destroyed since.
    for (const orgId of rollouts.organisations()) {
      if (!registry.organisations.find(orgId)) rollouts.forget(orgId);
    }
    for (const { id, orgId } of rollouts.open()) this.#opened(orgId, id);
  }

  /** Throws rollout-refused. */
  begin(wanted: NewRollout): Rollout {
    const { images, rollouts } = this.#options;
    const refuse = (detail: string) => new AirherdError('rollout-refused', { detail });
    const image = images.find(wanted.imageId);
    if (!image?.complete) throw refuse('there is no such image, or its upload is not complete');
    const overlapping = this.#openOf(wanted.orgId).find(({ imageId }) =>
      images.find(imageId)?.classes.some((model) => image.classes.includes(model)),
    );
    if (overlapping)
      throw refuse(`${overlapping.id} is ${overlapping.state} for the same models; abort it first`);
    if (this.#devicesOf(wanted, image).length === 0) {
      throw refuse(`no device here is of the models ${image.classes.join(', ')}`);
    }
    const rollout = rollouts.add(wanted);
    this.#opened(rollout.orgId, rollout.id);
    this.#look(rollout.id);
    return rollouts.find(rollout.id) ?? rollout;
  }

  /** Sends no more orders. Devices that have begun go on. Throws rollout-refused. */
  pause(rollout: Rollout): Rollout {
    return this.#change(rollout, ['running'], { state: 'paused', reason: 'by a person' });
  }

  /** With what has failed until now forgiven. Throws rollout-refused. */
  resume(rollout: Rollout): Rollout {
    const forgiven = this.#options.rollouts.targets(rollout.id).filter(hasFailed).length;
    this.#change(rollout, ['paused'], { state: 'running', reason: null, forgiven });
    this.#look(rollout.id);
    return this.#options.rollouts.find(rollout.id) ?? rollout;
  }

  /** For good. Throws rollout-refused. */
  abort(rollout: Rollout): Rollout {
    return this.#change(rollout, ['running', 'paused'], { state: 'aborted', reason: null });
  }

  /** A device says which version it runs. */
  greeted(session: Session, { firmware, trial = false }: Pick<Hello, 'firmware' | 'trial'>): void {
    const { images, rollouts } = this.#options;
    for (const { id, imageId, state } of this.#openOf(session.standing.orgId)) {
      const image = images.find(imageId);
      const target = rollouts.targets(id).find(({ serial }) => serial === session.serial);
      if (!image || !target) {
        this.#later(id);
        continue;
      }
      if (hasEnded(target)) continue;
      const runsIt = firmware === image.version;
      if (runsIt && !trial) this.#settle(id, { ...target, phase: 'committed', percent: 100 });
      // It was stopped on the way: the same order again goes on where it was.
      else if (!runsIt && state === 'running') this.#send(session, id, image);
    }
  }

  progressed(session: Session, { id, phase, percent, code, detail }: UpgradeProgress): void {
    if (id === undefined) return;
    const [rollout] = this.#openOf(session.standing.orgId).filter((one) => id.startsWith(one.id));
    if (!rollout) return;
    const { serial } = session;
    this.#settle(rollout.id, { serial, phase, percent, code: code ?? null, detail: detail ?? null });
  }

  /** Of an organisation that is destroyed. */
  forget(orgId: string): void {
    this.#open.delete(orgId);
    this.#options.rollouts.forget(orgId);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  #settle(id: string, target: Omit<Target, 'updatedMs'>): void {
    this.#options.rollouts.setTarget(id, target);
    if (hasEnded(target)) this.#later(id);
  }

  #later(id: string): void {
    this.#due.add(id);
    this.#timer ??= this.#options.clock.timer(LOOK_MS, () => {
      this.#timer = null;
      for (const due of this.#due) this.#look(due);
      this.#due.clear();
    });
  }

  /** Does what is to be done now. */
  #look(id: string): void {
    const { images, rollouts } = this.#options;
    for (;;) {
      const rollout = rollouts.find(id);
      const image = rollout && images.find(rollout.imageId);
      if (!image || rollout.state !== 'running') return;
      const judgement = judge(rollout, this.#devicesOf(rollout, image), rollouts.targets(id));
      switch (judgement.verdict) {
        case 'pause': {
          const reason = `${judgement.failed} of its devices failed or were rolled back`;
          this.#change(rollout, ['running'], { state: 'paused', reason });
          this.#record(rollout, 'paused', { reason });
          return;
        }
        case 'done':
          this.#change(rollout, ['running'], { state: 'done' });
          this.#record(rollout, 'done', {});
          return;
        case 'advance':
          rollouts.change(id, { stage: rollout.stage + 1 });
          this.#record(rollout, 'next stage', { percent: rollout.stages[rollout.stage + 1] });
          break;
        case 'go on':
          if (!this.#order(rollout, image, judgement.order)) return;
      }
    }
  }

  /** Whether one of them is there already without an order: then there is more to decide. */
  #order({ id, orgId }: Rollout, image: Image, serials: readonly string[]): boolean {
    const { rollouts, sessions, stores } = this.#options;
    const { state } = stores.of(orgId);
    let isThere = false;
    for (const serial of serials) {
      const hello = state.get<Hello>('hello', [serial])?.value;
      const session = sessions.of(serial);
      if (hello?.firmware === image.version && !hello.trial) {
        rollouts.setTarget(id, { serial, phase: 'committed', percent: 100, code: null, detail: null });
        isThere = true;
      } else if (session?.open) {
        rollouts.setTarget(id, { serial, phase: 'ordered', percent: 0, code: null, detail: null });
        this.#send(session, id, image);
      }
    }
    return isThere;
  }

  #send(session: Session, id: string, image: Image): void {
    const { images, urlOf } = this.#options;
    const { version, payload } = image;
    const order: UpgradeOrder = {
      ...{ v: 1, id, version, url: urlOf(image.id), size: payload.size },
      sha256: Buffer.from(payload.sha256, 'hex'),
      ...images.signed(image.id),
    };
    session.send('upgrade', order);
  }

  #change(rollout: Rollout, from: readonly Rollout['state'][], change: Partial<Rollout>): Rollout {
    if (!from.includes(rollout.state)) {
      throw new AirherdError('rollout-refused', { detail: `it is ${rollout.state}` });
    }
    const { id, orgId } = rollout;
    if (change.state === 'done' || change.state === 'aborted') this.#open.get(orgId)?.delete(id);
    return this.#options.rollouts.change(id, change);
  }

  #devicesOf(
    { orgId, siteId }: Pick<Rollout, 'orgId' | 'siteId'>,
    { classes }: Pick<Image, 'classes'>,
  ): string[] {
    return this.#options.registry
      .list({ orgId, ...(siteId !== null && { siteId }) })
      .filter(({ model, revokedMs }) => revokedMs === null && classes.includes(model))
      .map(({ serial }) => serial);
  }

  #openOf(orgId: string): Rollout[] {
    return [...(this.#open.get(orgId) ?? [])].flatMap((id) => this.#options.rollouts.find(id) ?? []);
  }

  #opened(orgId: string, id: string): void {
    const open = this.#open.get(orgId) ?? new Set();
    this.#open.set(orgId, open.add(id));
  }

  /** What the cloud decides by itself stands in the customer's log as well. */
  #record({ id, orgId }: Rollout, what: string, detail: Record<string, unknown>): void {
    const { stores, clock, log } = this.#options;
    try {
      stores.write(() =>
        stores
          .of(orgId)
          .audit.append(
            { actor: ACTOR, action: 'firmware roll-out', outcome: 'done', detail: { id, what, ...detail } },
            clock.wallMs(),
          ),
      );
    } catch (error) {
      log.warn({ rollout: id, what, detail: String(error) }, 'a decision about a roll-out was not recorded');
    }
  }
}
