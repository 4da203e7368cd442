import { isOnlyPeriod, verifyChain } from '../certs/verify.ts';
import type { SecureChannel } from '../platform/ports/transport.ts';
import { AirherdError } from '../protocol/errors.ts';
import type { DeviceTime } from './device-time.ts';

export interface CertificateExpectation {
  trustPem: readonly string[];
  /** DNS name or IP address that the certificate must have. */
  serverName: string;
  /** SHA-256 of server certificates that are no longer good, as hexadecimal. */
  revoked: readonly string[];
}

/**
 * Throws cloud-certificate unless chain, usage, name and revocation are good, and the period too, or the period
 * alone fails by a clock that is not known to be good: then the result says that it is in doubt. The TLS
 * library's own verdict is not asked: an expired certificate hides from it all else that is wrong.
 */
export function judgeCertificate(
  channel: SecureChannel,
  expected: CertificateExpectation,
  time: DeviceTime,
): { periodInDoubt: boolean } {
  const { serverName, trustPem } = expected;
  const verdict = verifyChain({
    chain: channel.peerChain,
    trustPem,
    usage: 'serverAuth',
    nowMs: time.nowMs(),
    serverName,
  });
  if (verdict.leaf && expected.revoked.includes(verdict.leaf.sha256.toString('hex'))) {
    throw new AirherdError('cloud-certificate', { detail: 'it is revoked' });
  }
  if (verdict.ok) return { periodInDoubt: false };
  if (isOnlyPeriod(verdict.problems) && !time.knownGood) return { periodInDoubt: true };
  throw new AirherdError('cloud-certificate', { detail: verdict.detail });
}
