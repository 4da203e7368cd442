import type { Clock } from '../../platform/ports/clock.ts';
import type { Random } from '../../platform/ports/random.ts';
import {
  type ChallengeContext,
  challengeAnswer,
  parseOpening,
  verifyChallengeProof,
  verifyOpening,
} from '../../protocol/challenge.ts';
import { AirherdError } from '../../protocol/errors.ts';
import { NONCE_LENGTH } from '../../protocol/proof.ts';
import { type SessionKeys, sessionKeys } from '../../protocol/session-mac.ts';
import type { LoggedIn } from '../broker/login.ts';
import type { RegionDirectory } from '../regions/directory.ts';
import type { DeviceKeys } from '../registry/registry.ts';
import type { BrokerCertificates } from './broker-certificates.ts';

/** From the opening to the device's proof. */
const PENDING_MS = 10_000;
/** Openings whose proof has not come; the oldest makes room. */
const MOST_PENDING = 50_000;

interface Pending {
  login: LoggedIn;
  context: ChallengeContext;
  nonceCloud: Buffer;
  untilMs: number;
}

export interface ChallengesOptions {
  regions: RegionDirectory;
  certificates: BrokerCertificates;
  clock: Clock;
  random: Random;
}

/** What a `tx/auth` comes to. Throws an AirherdError for one that is refused. */
export type AuthResult =
  | { kind: 'answer'; payload: Buffer }
  | { kind: 'proven'; login: LoggedIn; keys: SessionKeys };

/**
 * The cloud's side of the challenge, by device:
 *
 *   state   | event                      | next    | does
 *   --------|----------------------------|---------|--------------------------------------
 *   none    | opening by a key we know   | pending | answers with nonce and proof
 *   pending | opening                    | pending | answers anew; the older nonce is void
 *   pending | proof that is right        | none    | session keys; a nonce serves once
 *   pending | proof that is wrong        | pending | refused: anybody may have sent it
 *   pending | 10 s                       | none    |
 */
export class Challenges {
  readonly #options: ChallengesOptions;
  readonly #pending = new Map<string, Pending>();

  constructor(options: ChallengesOptions) {
    this.#options = options;
  }

  take(serial: string, payload: Uint8Array): AuthResult {
    const opening = parseOpening(payload);
    return opening ? this.#open(serial, opening) : this.#prove(serial, payload);
  }

  #open(serial: string, opening: NonNullable<ReturnType<typeof parseOpening>>): AuthResult {
    const { regions, certificates, clock, random } = this.#options;
    const registry = regions.registryFor(serial);
    const device = registry.find(serial);
    const current = device && registry.keys(serial);
    if (!device || !current) throw new AirherdError('device-unknown', { serial });
    const { certificateSha256, brokerSha256, nonceDevice } = opening;
    if (device.revokedMs !== null || !registry.knowsCertificate(serial, certificateSha256)) {
      throw new AirherdError('device-revoked', { serial });
    }
    const context: ChallengeContext = {
      channelBinding: brokerSha256,
      serial,
      certificateSha256,
      nonceDevice,
    };
    const opens = (keys: DeviceKeys | null) =>
      keys !== null && verifyOpening(keys.deviceProof, context, opening.hmac);
    const offered = opens(current) ? null : registry.rotation.offered(serial);
    if (!opens(offered ?? current)) throw new AirherdError('proof-wrong', { serial });
    if (!certificates.has(brokerSha256)) {
      const detail = 'it reached a broker whose certificate is not that of ours';
      throw new AirherdError('login-refused', { serial, detail });
    }
    const keys = offered ?? current;
    const nonceCloud = random.bytes(NONCE_LENGTH);
    const generation = registry.rotation.generation(serial);
    const login: LoggedIn = {
      device,
      keys,
      proof: context,
      deviceHmac: opening.hmac,
      keyGeneration: offered ? generation + 1 : generation,
      settlesRotation: offered !== null,
    };
    this.#remember(serial, { login, context, nonceCloud, untilMs: clock.monoMs() + PENDING_MS });
    return { kind: 'answer', payload: challengeAnswer(keys.cloudProof, context, nonceCloud) };
  }

  #prove(serial: string, payload: Uint8Array): AuthResult {
    const pending = this.#pending.get(serial);
    if (!pending || this.#options.clock.monoMs() > pending.untilMs) {
      throw new AirherdError('proof-malformed', { serial });
    }
    const { login, context, nonceCloud } = pending;
    const { deviceProof } = login.keys;
    if (!verifyChallengeProof(deviceProof, context, nonceCloud, payload)) {
      throw new AirherdError('proof-wrong', { serial });
    }
    this.#pending.delete(serial);
    const keys = sessionKeys(deviceProof, serial, context.nonceDevice, nonceCloud);
    return { kind: 'proven', login, keys };
  }

  #remember(serial: string, pending: Pending): void {
    this.#pending.delete(serial);
    this.#pending.set(serial, pending);
    if (this.#pending.size <= MOST_PENDING) return;
    const oldest = this.#pending.keys().next();
    if (!oldest.done) this.#pending.delete(oldest.value);
  }
}
