/** Fetching a payload over the device's own kind of connection: its certificate, its dialer, its judgement. */
import type { HttpGet } from '../../platform/ports/http.ts';
import type { Dialer, TlsVersion } from '../../platform/ports/transport.ts';
import { AirherdError } from '../../protocol/errors.ts';
import { judgeCertificate } from '../cloud-certificate.ts';
import type { DeviceTime } from '../device-time.ts';
import type { LoginIdentity } from '../login-identity.ts';

const DEFAULT_PORT = 443;

export interface PayloadSource {
  url: string;
  identity: Pick<LoginIdentity, 'credentials' | 'trustPem'>;
  dialer: Dialer;
  httpGet: HttpGet;
  time: DeviceTime;
  minVersion: TlsVersion;
  timeoutMs: number;
  /** SHA-256 of server certificates that are refused, hexadecimal. */
  revoked: readonly string[];
}

/** One request for the payload. Throws firmware-download for an address that is none. */
export async function getPayload(
  { url, identity, dialer, httpGet, time, minVersion, timeoutMs, revoked }: PayloadSource,
  version: string,
  headers: Record<string, string>,
  signal: AbortSignal,
) {
  const target = URL.canParse(url) ? new URL(url) : null;
  if (target?.protocol !== 'https:' || target.username || target.password) {
    throw new AirherdError('firmware-download', { version, detail: 'the order names no https address' });
  }
  const host = target.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = Number(target.port || DEFAULT_PORT);
  const { credentials, trustPem } = identity;
  const channel = await dialer.dial(
    { host, port, serverName: host, credentials, minVersion, timeoutMs },
    signal,
  );
  try {
    judgeCertificate(channel, { trustPem, serverName: host, revoked }, time);
    return await httpGet(
      channel,
      { host: target.host, path: `${target.pathname}${target.search}`, headers },
      signal,
    );
  } catch (error) {
    channel.destroy();
    throw error;
  }
}
