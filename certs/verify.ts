/**
 * Judges a peer's certificate chain: signatures, CA flags, usage, names and period, each on its own, and
 * reports every problem. (OpenSSL, and so Node's `authorizationError`, stops at the first: an expired
 * certificate with a wrong name and a wrong usage is just "expired" there.)
 */
import { presentedCa, rememberingParts } from './ca-cache.ts';
import { type Dated, fingerprint, parseCertificate, serialOf } from './certificate.ts';
import {
  checkAuthorities,
  checkConstraints,
  checkCritical,
  checkKey,
  checkNames,
  checkPeriod,
  checkUsage,
} from './chain-checks.ts';
import { buildPath } from './chain-path.ts';
import { Findings, type Problem } from './findings.ts';

export type { Problem } from './findings.ts';

export interface VerifyRequest {
  /** DER, leaf first, as the peer sent it. */
  chain: readonly Uint8Array[];
  trustPem: readonly string[];
  usage: 'clientAuth' | 'serverAuth';
  /** Wall time to judge periods by, milliseconds since the epoch. */
  nowMs: number;
  /** DNS name or IP address that a server must have. */
  serverName?: string;
  /** Serial that a device must have. */
  serial?: string;
}

export interface LeafFacts {
  /** Subject `serialNumber`, where there is one. */
  serial?: string;
  notBeforeMs: number;
  notAfterMs: number;
  sha256: Buffer;
}

export type Verdict =
  | { ok: true; leaf: LeafFacts }
  | { ok: false; problems: Problem[]; detail: string; leaf?: LeafFacts };

/** Certificates that one login may present. */
const MAX_PRESENTED = 8;

type Judged = ReturnType<typeof judgeAlways>;
/** One server is met by many devices, and judged twice at each login. */
const serverVerdicts = rememberingParts<Judged>();
/** A device comes again with the chain that it had: after a power cut, thousands at once. One takes about 1 KB. */
const deviceVerdicts = rememberingParts<Judged>(10_000);

export function verifyChain(request: VerifyRequest): Verdict {
  const chain = request.chain.slice(0, MAX_PRESENTED);
  if (chain.length === 0) return { ok: false, problems: ['chain'], detail: 'no certificate' };
  const { usage, serverName, serial, trustPem } = request;
  const verdicts = usage === 'serverAuth' ? serverVerdicts : deviceVerdicts;
  const judged = verdicts([...chain, '', serverName ?? '', serial ?? '', ...trustPem], () =>
    judgeAlways(request),
  );
  if (!judged) return { ok: false, problems: ['malformed'], detail: 'the certificate cannot be read' };
  const { path, leaf } = judged;
  const findings = new Findings(judged.findings);
  for (const certificate of path) checkPeriod(certificate, request.nowMs, findings);
  if (findings.problems.size === 0) return { ok: true, leaf };
  return { ok: false, problems: [...findings.problems], detail: findings.details.join('; '), leaf };
}

/** All but the period, which alone depends on when it is asked. Null when the leaf is no certificate. */
function judgeAlways(request: VerifyRequest): { path: Dated[]; findings: Findings; leaf: LeafFacts } | null {
  const [first, ...others] = request.chain.slice(0, MAX_PRESENTED).map((der) => Buffer.from(der));
  const leaf = parseCertificate(first);
  if (!leaf) return null;
  const findings = new Findings();
  const path = buildPath(leaf, others.map(presentedCa), request.trustPem, findings);
  checkAuthorities(path, findings);
  path.forEach((certificate, depth) => {
    checkCritical(certificate, findings);
    checkKey(certificate, findings);
    checkUsage(certificate, depth, request.usage, findings);
  });
  checkNames(leaf, request, findings);
  checkConstraints(path, findings);
  const facts: LeafFacts = {
    serial: serialOf(leaf) ?? undefined,
    notBeforeMs: leaf.notBeforeMs,
    notAfterMs: leaf.notAfterMs,
    sha256: fingerprint(leaf.der),
  };
  const dated = path.map(({ notBeforeMs, notAfterMs, subjectAttributes }) => ({
    notBeforeMs,
    notAfterMs,
    subjectAttributes,
  }));
  return { path: dated, findings, leaf: facts };
}

/** Whether nothing but the period speaks against the chain: DESIGN "Time" lets an unsure clock go on to the proof. */
export const isOnlyPeriod = (problems: readonly Problem[]): boolean =>
  problems.length > 0 && problems.every((problem) => problem === 'expired' || problem === 'not-yet-valid');
