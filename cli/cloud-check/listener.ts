import { createPublicKey, X509Certificate } from 'node:crypto';
import { verifyChain } from '../../certs/verify.ts';
import { LISTENERS, type ListenerRule, type OpenListener } from '../../cloud-stub/listeners.ts';
import type { HelloVersion } from './client-hello.ts';
import { type Finding, Findings } from './finding.ts';
import { checkHttp } from './http.ts';
import { suiteName } from './suites.ts';
import { type Endpoint, handshake, renegotiates, type Spoken, spokenIn } from './tls.ts';

const DAY_MS = 86_400_000;
/** A certificate that ends sooner is due. */
const SOON_DAYS = 14;
const MOST_DAYS = 398;
const VERSIONS: readonly HelloVersion[] = ['SSLv3', 'TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];
/** MQTT 3.1.1 CONNECT of a client `x`: answered by a broker that lets nobodies speak. */
const CONNECT = Buffer.from('100d00044d5154540402003c000178', 'hex');

export interface ListenerCheck {
  listener: OpenListener;
  /** Where to reach it: a listener on all addresses is asked on this machine's own. */
  endpoint: Endpoint;
  trustPem: readonly string[];
  /** Name that the certificate is to carry. */
  serverName: string;
  nowMs: number;
}

/** Everything about one listener that shows from outside. */
export async function checkListener(check: ListenerCheck): Promise<Finding[]> {
  const { listener, endpoint } = check;
  const rule: ListenerRule = LISTENERS[listener.name];
  const findings = new Findings(listener.name);
  if (rule.versions.length === 0) {
    findings.ok('plain', 'plain HTTP, which only redirects');
    return findings.all;
  }
  try {
    await checkProtocol(check, rule, findings);
    await checkCertificate(check, rule, findings);
    await checkSessions(check, rule, findings);
    if (rule.http) await checkHttp(endpoint, rule.http, findings);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    findings.wrong(
      'reachable',
      `${endpoint.host}:${endpoint.port}: ${detail}`,
      'start it, or see what is in its way',
    );
  }
  return findings.all;
}

/** SNI is for names only (RFC 6066 3). */
const sniOf = (name: string): string | undefined => (/^[\d.]+$|:/.test(name) ? undefined : name);

async function checkProtocol(
  { endpoint, listener, serverName }: ListenerCheck,
  rule: ListenerRule,
  findings: Findings,
): Promise<void> {
  const spoken: Spoken[] = [];
  for (const version of VERSIONS) {
    const found = await spokenIn(endpoint, version, sniOf(serverName));
    if (found) spoken.push(found);
  }
  const versions = spoken.map(({ version }) => version);
  const shown = versions.join(', ') || 'no version of TLS';
  const allowed = rule.versions.filter((version) => version >= listener.minVersion);
  const surplus = versions.filter((version) => !allowed.some((good) => good === version));
  if (surplus.length > 0) {
    findings.wrong('versions', `speaks ${shown}`, `turn off ${surplus.join(', ')}`);
  } else if (!versions.includes('TLSv1.3')) {
    findings.wrong('versions', `speaks ${shown}`, 'TLS 1.3 is to be spoken');
  } else if (rule.clientCertificate && versions.includes('TLSv1.2')) {
    findings.advice('versions', `speaks ${shown}`, 'start the cloud without --tls12 once no device needs it');
  } else {
    findings.ok('versions', `speaks ${shown}, nothing older`);
  }
  const suites = spoken.flatMap(({ suites: codes }) => codes.map(suiteName));
  const bad = suites.filter((name) => !rule.suites.includes(name));
  findings.must(
    'suites',
    bad.length === 0,
    `takes ${[...new Set(suites)].join(', ')}`,
    `takes ${[...new Set(bad)].join(', ')}`,
    `only ${rule.suites.join(', ')}`,
  );
  const firsts = spoken.map(({ first }) => first);
  const old = spoken.find(({ version }) => version === 'TLSv1.2')?.first;
  findings.must(
    'compression',
    !firsts.some((first) => first.compressed),
    'no compression (CRIME)',
    'compresses (CRIME)',
    'turn TLS compression off',
  );
  findings.must(
    'heartbeat',
    !firsts.some((first) => first.heartbeat),
    'no heartbeat extension',
    'offers the heartbeat extension',
    'turn heartbeats off',
  );
  if (!old) return;
  findings.must(
    'extended-master-secret',
    old.extendedMasterSecret,
    'TLS 1.2 with extended master secret (RFC 7627)',
    'TLS 1.2 without extended master secret',
    'the channel binding needs it: use a newer OpenSSL',
  );
  findings.must(
    'secure-renegotiation',
    old.secureRenegotiation,
    'secure renegotiation (RFC 5746)',
    'no secure renegotiation',
    'use a newer OpenSSL',
  );
  findings.must(
    'session-tickets',
    !old.sessionTicket,
    'no session tickets',
    'gives session tickets',
    'turn tickets off: what one protects outlives the handshake',
  );
}

async function checkCertificate(
  { endpoint, trustPem, serverName, nowMs }: ListenerCheck,
  rule: ListenerRule,
  findings: Findings,
): Promise<void> {
  const shaken = await handshake(endpoint, { serverName: sniOf(serverName) });
  const chain = shaken?.chain ?? [];
  if (chain.length === 0) {
    findings.wrong('certificate', 'no handshake, so no certificate', 'see the findings above');
    return;
  }
  const leaf = new X509Certificate(chain[0]);
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = createPublicKey(
    leaf.publicKey.export({ type: 'spki', format: 'pem' }),
  );
  const key =
    type === 'rsa'
      ? `RSA ${details?.modulusLength}`
      : details?.namedCurve === 'prime256v1'
        ? 'P-256'
        : String(details?.namedCurve ?? type);
  findings.must(
    'key',
    key === rule.key,
    `key is ${key}`,
    `key is ${key}`,
    `a certificate with a key of ${rule.key}`,
  );
  const verdict = verifyChain({ chain, trustPem, usage: 'serverAuth', nowMs, serverName });
  findings.must(
    'chain',
    verdict.ok,
    `certificate is for ${serverName}, for servers, signed by the authority that is trusted here`,
    `certificate: ${verdict.ok ? '' : verdict.detail}`,
    'issue it anew: restart the cloud with the right --name, or name the authority with --ca',
  );
  const days = Math.floor((Date.parse(leaf.validTo) - nowMs) / DAY_MS);
  const whole = Math.round((Date.parse(leaf.validTo) - Date.parse(leaf.validFrom)) / DAY_MS);
  if (days < 0)
    findings.wrong('expiry', `certificate ended ${-days} days ago`, 'restart the cloud: it issues another');
  else if (days < SOON_DAYS)
    findings.advice('expiry', `certificate ends in ${days} days`, 'restart the cloud: it issues another');
  else if (whole > MOST_DAYS)
    findings.advice('expiry', `certificate is good for ${whole} days`, `at most ${MOST_DAYS} days`);
  else findings.ok('expiry', `certificate ends in ${days} days`);
}

async function checkSessions(
  { endpoint, serverName }: ListenerCheck,
  rule: ListenerRule,
  findings: Findings,
): Promise<void> {
  const reused: string[] = [];
  for (const version of ['TLSv1.3', 'TLSv1.2'] as const) {
    const first = await handshake(endpoint, { version, serverName: sniOf(serverName) });
    if (!first?.session) continue;
    const again = await handshake(endpoint, {
      version,
      serverName: sniOf(serverName),
      session: first.session,
    });
    if (again?.reused) reused.push(version);
  }
  findings.must(
    'resumption',
    reused.length === 0,
    'no session is resumed: every connection is judged anew',
    `sessions are resumed in ${reused.join(', ')}`,
    'turn tickets and session ids off: a resumed session skips the certificate',
  );
  findings.must(
    'renegotiation',
    !(await renegotiates(endpoint)),
    'clients cannot renegotiate',
    'clients can renegotiate',
    'set SSL_OP_NO_RENEGOTIATION',
  );
  if (!rule.clientCertificate) return;
  const nobody = await handshake(endpoint, { say: CONNECT });
  findings.must(
    'client-certificate',
    nobody === null || (nobody.ended && nobody.answer.length === 0),
    'nothing is heard without a client certificate',
    'a client without a certificate is heard',
    'require client certificates',
  );
}
