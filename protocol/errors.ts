/**
 * Every way airherd can refuse or fail: a stable code, what the user reads, and the exit code. Texts say what
 * is wrong and what to do; `{name}` is filled in from the parameters. `docs/errors.md` lists the same codes
 * (a test holds the two together).
 */
interface Entry {
  exit: number;
  text: string;
}

/** Exit codes by family, so that scripts can tell causes apart. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  identity: 3,
  refused: 4,
  unreachable: 5,
  input: 6,
  store: 7,
} as const;

export const CATALOGUE = {
  'usage-invalid': { exit: EXIT.usage, text: '{detail}' },
  'config-invalid': { exit: EXIT.usage, text: '{source}: {detail}' },
  internal: { exit: EXIT.failure, text: 'unexpected: {detail}; please report this' },

  'identity-missing': {
    exit: EXIT.identity,
    text: 'no {file} in {path}; create an identity with: airherd device create',
  },
  'identity-exposed': {
    exit: EXIT.identity,
    text: '{path} can be read by others (mode {mode}); run: chmod 600 {path}',
  },
  'identity-damaged': { exit: EXIT.identity, text: '{path} is damaged: {detail}' },
  'ca-missing': { exit: EXIT.identity, text: 'no certificate authority in {path}; run: airherd certs init' },
  'ca-exists': {
    exit: EXIT.identity,
    text: 'there is a certificate authority in {path} already; it was left as it is',
  },
  'some-failed': { exit: EXIT.failure, text: '{failed} of {all} failed, listed above' },
  'pack-missing': {
    exit: EXIT.identity,
    text: 'there is no pack {path}; make one with: airherd device create --kind ap --count 100 --pack {path}',
  },
  'pack-interrupted': {
    exit: EXIT.failure,
    text: 'stopped after {made} of {count} identities; nothing was kept',
  },
  'pack-damaged': { exit: EXIT.identity, text: 'the pack {path} cannot be used: {detail}' },
  'batch-interrupted': {
    exit: EXIT.failure,
    text: 'stopped after {made} of {count} identities; the same command goes on from there',
  },
  'name-not-allowed': {
    exit: EXIT.identity,
    text: 'the certificate authority may not certify {name}; allow it with: airherd certs allow {name}',
  },

  'local-limit': {
    exit: EXIT.unreachable,
    text: 'cannot connect to {host}:{port}: this machine has {what}',
  },
  'cloud-unreachable': { exit: EXIT.unreachable, text: 'cannot connect to {host}:{port}: {detail}' },
  'connection-lost': { exit: EXIT.unreachable, text: 'the connection to {host}:{port} ended: {detail}' },
  'cloud-timeout': { exit: EXIT.unreachable, text: '{host}:{port} did not finish {step} within {seconds} s' },
  'tls-refused': { exit: EXIT.refused, text: '{host}:{port} refused the TLS handshake: {detail}' },
  'login-cut': {
    exit: EXIT.refused,
    text: '{host}:{port} ended the connection during the login and said nothing: {detail}',
  },
  'cloud-certificate': { exit: EXIT.refused, text: "the cloud's certificate is not acceptable: {detail}" },
  'cloud-unproven': {
    exit: EXIT.refused,
    text: 'the cloud did not prove that it knows the factory key of {serial}; nothing was sent',
  },
  'login-refused': { exit: EXIT.refused, text: 'the cloud refused {serial}: {detail}' },

  'cloud-message': {
    exit: EXIT.refused,
    text: "the cloud's {topic} message is not valid: {detail}",
  },
  'command-unknown': { exit: EXIT.refused, text: '{serial} does not have the command {name}' },
  'command-refused': { exit: EXIT.refused, text: 'command {name}: {detail}' },

  'proof-wrong': { exit: EXIT.refused, text: 'the factory-key proof of {serial} is wrong' },
  'proof-malformed': {
    exit: EXIT.refused,
    text: 'the CONNECT password of {serial} is not a factory-key proof',
  },
  'device-unknown': { exit: EXIT.refused, text: '{serial} was not manufactured here' },
  'device-revoked': { exit: EXIT.refused, text: 'the certificate of {serial} is revoked' },
  'device-name-mismatch': {
    exit: EXIT.refused,
    text: 'certificate, client id and user name do not all name {serial}',
  },
  'certificate-refused': { exit: EXIT.refused, text: 'client certificate: {detail}' },
  'topic-refused': { exit: EXIT.refused, text: '{serial} may not use topic {topic}' },
  'message-refused': { exit: EXIT.refused, text: 'message of {serial} on {stream}: {detail}' },
  'limit-exceeded': { exit: EXIT.refused, text: '{who} exceeded the limit on {what}' },
  'claim-refused': { exit: EXIT.refused, text: 'the device cannot be claimed: {detail}' },
  'device-offline': { exit: EXIT.unreachable, text: '{serial} is not connected, or did not answer' },
  'renewal-refused': { exit: EXIT.refused, text: 'the certificate of {serial} was not renewed: {detail}' },
  'cloud-not-running': {
    exit: EXIT.unreachable,
    text: 'no cloud is running on {path}; start one with: airherd cloud',
  },
  'user-exists': { exit: EXIT.refused, text: 'there is a person with this e-mail address already' },
  'user-unknown': { exit: EXIT.refused, text: 'there is no person {who}' },
  'last-admin': {
    exit: EXIT.refused,
    text: '{organisation} would be left without an administrator; make somebody else one first',
  },
  'cloud-unsafe': {
    exit: EXIT.failure,
    text: '{wrong} of {checks} checks found something wrong, listed above',
  },
  'name-taken': { exit: EXIT.refused, text: 'the name {name} is taken' },
  'configuration-failed': {
    exit: EXIT.refused,
    text: '{serial} does not run configuration {version} ({state}): {detail}',
  },
  'configuration-unknown': { exit: EXIT.refused, text: '{serial} had no configuration {version}' },
  'version-conflict': {
    exit: EXIT.refused,
    text: 'the {what} is of version {before}, not {expected}: somebody else changed it; look at it again',
  },
  'audit-broken': {
    exit: EXIT.store,
    text: 'the audit log of {organisation} was tampered with: {detail}',
  },
  'api-refused': { exit: EXIT.refused, text: "the cloud's API refused: {detail}" },
  'rotation-refused': { exit: EXIT.refused, text: 'the factory key of {serial} was not rotated: {detail}' },
  'key-rotated': {
    exit: EXIT.refused,
    text: 'the factory key of {serial} was rotated; it logs in with the new one',
  },
  'session-replaced': { exit: EXIT.refused, text: 'a newer session of {serial} took over' },

  'broker-unusable': {
    exit: EXIT.unreachable,
    text: 'the broker at {host}:{port} cannot be used: {detail}',
  },
  'message-forged': {
    exit: EXIT.refused,
    text: 'a message in the name of {serial} on {stream} was {why}, and was dropped',
  },
  'token-refused': { exit: EXIT.refused, text: 'the token of {serial} was refused: {detail}' },

  'port-in-use': {
    exit: EXIT.unreachable,
    text: 'port {port} on {host} is in use; choose another with {flag}',
  },
  'region-wrong': { exit: EXIT.usage, text: '{detail}' },
  'region-elsewhere': {
    exit: EXIT.refused,
    text: '{serial} belongs to another region now; it is told where when it logs in again',
  },
  'store-damaged': { exit: EXIT.store, text: '{path} cannot be opened: {detail}; nothing was overwritten' },
  'store-in-use': { exit: EXIT.store, text: '{path} is in use by another cloud that is running' },
  'store-full': { exit: EXIT.store, text: 'no space left for {path}; nothing was acknowledged' },
  'backup-damaged': { exit: EXIT.store, text: '{path} cannot be restored: {detail}; nothing was replaced' },
  'settings-conflict': { exit: EXIT.usage, text: 'these settings cannot be had together: {detail}' },
  'outbox-damaged': { exit: EXIT.store, text: '{path}: {detail}' },

  'firmware-key-missing': {
    exit: EXIT.identity,
    text: 'no firmware key {path}; make one with: airherd firmware key',
  },
  'firmware-invalid': { exit: EXIT.input, text: '{path} is no sound firmware: {detail}' },
  'firmware-signature': {
    exit: EXIT.refused,
    text: 'the manifest of firmware {version} is not acceptable: {detail}',
  },
  'firmware-rollback': {
    exit: EXIT.refused,
    text: 'firmware {version} has sequence number {sequence}, and {counter} was committed before',
  },
  'firmware-class': { exit: EXIT.refused, text: 'firmware {version} is for {classes}, not for {model}' },
  'firmware-precursor': {
    exit: EXIT.refused,
    text: 'firmware {version} needs {minVersion} or newer before it; {current} is running',
  },
  'firmware-download': {
    exit: EXIT.unreachable,
    text: 'firmware {version} could not be downloaded: {detail}',
  },
  'firmware-no-space': { exit: EXIT.store, text: 'no space left for firmware {version}: {detail}' },
  'firmware-busy': { exit: EXIT.refused, text: 'firmware {version} was not begun: {detail}' },
  'firmware-unhealthy': {
    exit: EXIT.failure,
    text: 'firmware {version} was not healthy: {detail}; the version before it runs again',
  },
  'rollout-refused': { exit: EXIT.refused, text: 'roll-out: {detail}' },
  'firmware-hash': {
    exit: EXIT.refused,
    text: 'the image of firmware {version} is not that of its manifest: {detail}',
  },
  'firmware-image': { exit: EXIT.refused, text: 'the image of firmware {version} cannot be used: {detail}' },

  'output-failed': { exit: EXIT.input, text: 'cannot write {path}: {detail}' },
  'truth-invalid': { exit: EXIT.input, text: '{path} is no sound {what}: {count} problems, listed above' },
  'site-invalid': { exit: EXIT.input, text: '{path} is not a sound site: {count} problems, listed above' },
  'scenario-invalid': { exit: EXIT.input, text: '{count} problems in scenarios, listed above' },
  'program-missing': {
    exit: EXIT.input,
    text: '{program} is not installed; on Debian and its kin: apt-get install {package}',
  },
  'program-failed': { exit: EXIT.failure, text: '{program} did not come up: {detail}' },
  'input-missing': { exit: EXIT.input, text: 'cannot read {path}: {detail}' },
  'consent-missing': {
    exit: EXIT.refused,
    text: 'no consent of the customer is in force: {detail}',
  },
  'fleet-target': {
    exit: EXIT.usage,
    text: '{host} is not this machine; if it is yours to load, add: --i-own-this-target',
  },
  'fleet-resources': { exit: EXIT.usage, text: '{need} {what} are needed, {have} there are; run: {run}' },
  'fleet-identities': {
    exit: EXIT.identity,
    text: '{path} has {have} identities, {wanted} are needed; run: airherd device create --kind ap --count {missing}',
  },
  'fleet-cloud': {
    exit: EXIT.unreachable,
    text: 'the cloud of --with-cloud ended before it was there ({code}); what it said stands above',
  },
  'fleet-workers': {
    exit: EXIT.unreachable,
    text: 'only {have} of {wanted} workers came; start them with: airherd fleet work',
  },
  'fleet-expired': {
    exit: EXIT.identity,
    text: 'the certificate of {serial} expired {expired}; run: airherd device renew {serial}',
  },
  'source-interface': {
    exit: EXIT.input,
    text: 'there is no interface {interface}; it is taken up when it comes (ip link lists those there are)',
  },
  'source-privilege': { exit: EXIT.input, text: '{tool} may not {what}; run: {run}' },
  'source-tool': {
    exit: EXIT.input,
    text: '{tool} is not installed; run: {run}',
  },
  'source-interrupted': { exit: EXIT.input, text: '{source} is interrupted: {detail}; it goes on by itself' },
  'source-version': {
    exit: EXIT.input,
    text: '{tool} says what is not understood: {detail}; airherd is tested with {tested}',
  },
  'capture-not': { exit: EXIT.input, text: '{path} is not a pcap or pcapng capture: {detail}' },
  'capture-cut-off': {
    exit: EXIT.input,
    text: '{path} is cut off after {frames} frames ({bytes} bytes read)',
  },
  'capture-corrupt': {
    exit: EXIT.input,
    text: '{path} is corrupt at byte {offset}, after {frames} frames: {detail}',
  },
} as const satisfies Record<string, Entry>;

export type ErrorCode = keyof typeof CATALOGUE;
export type ErrorParameters = Record<string, string | number>;

/** A refusal or failure that a user can understand. `message` is one line. */
export class AirherdError extends Error {
  readonly code: ErrorCode;
  readonly parameters: ErrorParameters;

  constructor(code: ErrorCode, parameters: ErrorParameters = {}, options?: { cause?: unknown }) {
    super(
      CATALOGUE[code].text.replace(/\{(\w+)\}/g, (_, key: string) => oneLine(parameters[key] ?? '?')),
      options,
    );
    this.name = 'AirherdError';
    this.code = code;
    this.parameters = parameters;
  }

  get exitCode(): number {
    return CATALOGUE[this.code].exit;
  }
}

/** Parameters may come from hostile input: no control characters reach a terminal or a log line. */
function oneLine(value: string | number): string {
  return String(value)
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim()
    .slice(0, 400);
}
