import { type Verdict, verifyChain } from '../../certs/verify.ts';
import type { SecureChannel } from '../../platform/ports/transport.ts';
import { AirherdError } from '../../protocol/errors.ts';
import { type ProofContext, parseProof, verifyDevice } from '../../protocol/proof.ts';
import { isSerial } from '../../protocol/topics.ts';
import type { DeviceRecord } from '../registry/device.ts';
import type { DeviceKeys, Registry } from '../registry/registry.ts';

/** CONNACK return codes (MQTT 3.1.1, 3.2.2.3). */
export const CONNACK = { clientId: 2, unavailable: 3, proof: 4, notAuthorized: 5 } as const;
export type ConnackCode = (typeof CONNACK)[keyof typeof CONNACK];

/** The parts of a CONNECT that the login judges. */
export interface ConnectFields {
  clientId: string;
  username: string | undefined;
  password: Uint8Array | undefined;
  protocolVersion: number | undefined;
  clean: boolean;
  hasWill: boolean;
}

export interface LoginRequest {
  channel: SecureChannel;
  connect: ConnectFields;
  registry: Registry;
  trustPem: readonly string[];
  nowMs: number;
  /** The store has no room: nothing that a device sends could be acknowledged. */
  storeFull: boolean;
}

export interface LoggedIn {
  device: DeviceRecord;
  keys: DeviceKeys;
  proof: ProofContext;
  deviceHmac: Buffer;
  /** Rotations of the factory key, this login's included. */
  keyGeneration: number;
  /** The proof was of a key that a rotation had offered: the one before it is void from now on. */
  settlesRotation: boolean;
}

export type LoginResult =
  | { ok: true; login: LoggedIn }
  | { ok: false; code: ConnackCode; error: AirherdError };

/** Filled in step by step; what a step needs, an earlier one has set. */
interface Attempt extends LoginRequest {
  serial: string;
  verdict?: Verdict;
  certificateSha256?: Buffer;
  login?: LoggedIn;
}

type Refusal = { code: ConnackCode; error: AirherdError } | null;
type Step = { name: string; run(attempt: Attempt): Refusal };

const refuse = (code: ConnackCode, error: AirherdError): Refusal => ({ code, error });

/** In this order: nothing secret is touched before the certificate stands, no store before the proof. */
export const LOGIN_STEPS: readonly Step[] = [
  { name: 'session form', run: checkForm },
  { name: 'certificate: chain, usage, period', run: checkCertificate },
  { name: 'names', run: checkNames },
  { name: 'device known', run: checkKnown },
  { name: 'revocation', run: checkRevocation },
  { name: 'factory-key proof', run: checkProof },
  { name: 'store ready', run: checkStore },
];

export function login(request: LoginRequest): LoginResult {
  const attempt: Attempt = { ...request, serial: request.connect.clientId };
  for (const step of LOGIN_STEPS) {
    const refusal = step.run(attempt);
    if (refusal) return { ok: false, ...refusal };
  }
  if (!attempt.login) throw new TypeError('the steps end with a login');
  return { ok: true, login: attempt.login };
}

/** Clean sessions without a will: what the cloud keeps of a device is in its store, not in the broker. */
function checkForm({ connect }: Attempt): Refusal {
  if (!isSerial(connect.clientId)) {
    return refuse(CONNACK.clientId, new AirherdError('device-name-mismatch', { serial: 'a serial' }));
  }
  const wrong =
    connect.protocolVersion !== 4
      ? 'MQTT 3.1.1 is the only version here'
      : !connect.clean
        ? 'only clean sessions are kept'
        : connect.hasWill
          ? 'devices have no will'
          : null;
  if (!wrong) return null;
  const { clientId: serial } = connect;
  return refuse(CONNACK.notAuthorized, new AirherdError('login-refused', { serial, detail: wrong }));
}

function checkCertificate(attempt: Attempt): Refusal {
  const { channel, trustPem, nowMs } = attempt;
  const verdict = verifyChain({ chain: channel.peerChain, trustPem, usage: 'clientAuth', nowMs });
  attempt.verdict = verdict;
  if (!verdict.ok) {
    return refuse(CONNACK.notAuthorized, new AirherdError('certificate-refused', { detail: verdict.detail }));
  }
  attempt.certificateSha256 = verdict.leaf.sha256;
  return null;
}

/** Subject serialNumber, client id and user name are one. */
function checkNames({ verdict, connect, serial }: Attempt): Refusal {
  if (verdict?.leaf?.serial === serial && connect.username === serial) return null;
  return refuse(CONNACK.clientId, new AirherdError('device-name-mismatch', { serial }));
}

function checkKnown(attempt: Attempt): Refusal {
  const { registry, serial, channel, connect } = attempt;
  const device = registry.find(serial);
  const keys = device && registry.keys(serial);
  if (!device || !keys) return refuse(CONNACK.notAuthorized, new AirherdError('device-unknown', { serial }));
  const password = connect.password && parseProof(connect.password);
  if (!password) return refuse(CONNACK.proof, new AirherdError('proof-malformed', { serial }));
  const proof: ProofContext = {
    channelBinding: channel.channelBinding,
    serial,
    certificateSha256: attempt.certificateSha256 ?? Buffer.alloc(0),
    nonceDevice: password.nonce,
  };
  attempt.login = {
    device,
    keys,
    proof,
    deviceHmac: password.hmac,
    keyGeneration: registry.rotation.generation(serial),
    settlesRotation: false,
  };
  return null;
}

/** By fingerprint, at every login: a certificate that the registry does not hold any more is void. */
function checkRevocation({ registry, serial, login: found, certificateSha256 }: Attempt): Refusal {
  const revoked = found?.device.revokedMs !== null;
  if (!revoked && certificateSha256 && registry.knowsCertificate(serial, certificateSha256)) return null;
  return refuse(CONNACK.notAuthorized, new AirherdError('device-revoked', { serial }));
}

function checkProof(attempt: Attempt): Refusal {
  const { login: found, registry, serial } = attempt;
  if (found && verifyDevice(found.keys.deviceProof, found.proof, found.deviceHmac)) return null;
  const offered = found && registry.rotation.offered(serial);
  if (offered && verifyDevice(offered.deviceProof, found.proof, found.deviceHmac)) {
    const keyGeneration = found.keyGeneration + 1;
    attempt.login = { ...found, keys: offered, keyGeneration, settlesRotation: true };
    return null;
  }
  return refuse(CONNACK.proof, new AirherdError('proof-wrong', { serial }));
}

function checkStore({ storeFull, serial }: Attempt): Refusal {
  if (!storeFull) return null;
  const detail = 'its store is full';
  return refuse(CONNACK.unavailable, new AirherdError('login-refused', { serial, detail }));
}
