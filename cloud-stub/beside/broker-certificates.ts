/**
 * SHA-256 of the leaf certificates of the brokers that devices may come through: those that the cloud met itself,
 * and those of other nodes of a cluster, which are configured.
 */
export class BrokerCertificates {
  readonly #known: Set<string>;

  constructor(configured: readonly string[] = []) {
    this.#known = new Set(configured.map((hex) => hex.toLowerCase()));
  }

  add(sha256: Uint8Array): void {
    this.#known.add(Buffer.from(sha256).toString('hex'));
  }

  has(sha256: Uint8Array): boolean {
    return this.#known.has(Buffer.from(sha256).toString('hex'));
  }
}
