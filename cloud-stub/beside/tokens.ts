import type { Clock } from '../../platform/ports/clock.ts';
import { AirherdError } from '../../protocol/errors.ts';
import { parseToken, TOKEN_LIFE_MS, verifyToken } from '../../protocol/token.ts';
import { isSerial } from '../../protocol/topics.ts';
import type { RegionDirectory } from '../regions/directory.ts';
import type { BrokerCertificates } from './broker-certificates.ts';

/** Above what a fleet of a hundred thousand uses up in a token's life. */
const MOST_USED = 200_000;

/** Judges CONNECT passwords for brokers that ask: right key, right broker, in time, and once. */
export class ConnectTokens {
  readonly #regions: RegionDirectory;
  readonly #certificates: BrokerCertificates;
  readonly #clock: Clock;
  /** Nonces that were used, and until when they would be good; in order of use. */
  readonly #used = new Map<string, number>();

  constructor(regions: RegionDirectory, certificates: BrokerCertificates, clock: Clock) {
    this.#regions = regions;
    this.#certificates = certificates;
    this.#clock = clock;
  }

  /** Throws an AirherdError that says why not. */
  check(fields: { username: string; password: string; clientId?: string }): void {
    const { username: serial, password, clientId } = fields;
    if (!isSerial(serial)) throw new AirherdError('device-name-mismatch', { serial: 'a serial' });
    if (clientId !== undefined && clientId !== serial) {
      throw new AirherdError('device-name-mismatch', { serial });
    }
    const token = parseToken(password);
    if (!token) throw new AirherdError('token-refused', { serial, detail: 'it is not a token' });
    const registry = this.#regions.registryFor(serial);
    const device = registry.find(serial);
    const keys = device && registry.keys(serial);
    if (!device || !keys) throw new AirherdError('device-unknown', { serial });
    if (device.revokedMs !== null || !registry.knowsCertificate(serial, token.certificateSha256)) {
      throw new AirherdError('device-revoked', { serial });
    }
    const offered = registry.rotation.offered(serial);
    const isRight =
      verifyToken(keys.deviceProof, serial, token) ||
      (offered !== null && verifyToken(offered.deviceProof, serial, token));
    if (!isRight) throw new AirherdError('proof-wrong', { serial });
    const nowMs = this.#clock.wallMs();
    if (Math.abs(nowMs - token.timeMs) > TOKEN_LIFE_MS) {
      const detail = `its time is ${Math.round((token.timeMs - nowMs) / 1000)} s from the cloud's`;
      throw new AirherdError('token-refused', { serial, detail });
    }
    if (!this.#certificates.has(token.brokerSha256)) {
      throw new AirherdError('token-refused', { serial, detail: 'it is for another broker' });
    }
    this.#spend(serial, Buffer.from(token.nonce).toString('hex'), token.timeMs + TOKEN_LIFE_MS, nowMs);
  }

  #spend(serial: string, nonce: string, untilMs: number, nowMs: number): void {
    for (const [used, goodUntilMs] of this.#used) {
      if (goodUntilMs >= nowMs) break;
      this.#used.delete(used);
    }
    const key = `${serial} ${nonce}`;
    if (this.#used.has(key))
      throw new AirherdError('token-refused', { serial, detail: 'it was used before' });
    if (this.#used.size >= MOST_USED) {
      throw new AirherdError('limit-exceeded', { who: 'devices', what: 'tokens in five minutes' });
    }
    this.#used.set(key, untilMs);
  }
}
