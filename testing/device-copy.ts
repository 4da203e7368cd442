/** What somebody has who copied a device: its certificate, its key and its factory key as they were then. */
import { DeviceTime } from '../agent/device-time.ts';
import { login, loginSettings } from '../agent/login.ts';
import { loginIdentity } from '../agent/login-identity.ts';
import type { Identity } from '../certs/identity.ts';
import { nodeRandom } from '../platform/node/random.ts';
import type { Dialer } from '../platform/ports/transport.ts';
import { parseCloudUrl } from '../protocol/cloud-url.ts';
import { AirherdError, type ErrorCode } from '../protocol/errors.ts';
import type { LabClock } from './clock.ts';
import { labConfig } from './lab-config.ts';
import type { Target } from './target.ts';

export interface DeviceCopy {
  /** Logs in with what was copied, and off again at once; null when the cloud let it in, else why not. */
  login(): Promise<ErrorCode | null>;
}

export interface DeviceCopyOptions {
  clock: LabClock;
  dialer: Dialer;
  target: Target;
  /** What came of a login. */
  note(code: ErrorCode | null): void;
}

export function deviceCopy(
  identity: Identity,
  { clock, dialer, target, note }: DeviceCopyOptions,
): DeviceCopy {
  const { cloud } = labConfig(target, {}, 'copy');
  const address = parseCloudUrl(cloud.url)!;
  const attempt = async (): Promise<ErrorCode | null> => {
    try {
      const { link } = await login({
        identity: loginIdentity(identity),
        address,
        serverName: cloud.serverName ?? address.host,
        ...loginSettings(cloud),
        ...{ dialer, clock, random: nodeRandom },
        time: new DeviceTime(clock, { notBeforeMs: 0, trusted: true }),
        signal: new AbortController().signal,
        onStep: () => undefined,
      });
      await link.close();
      return null;
    } catch (error) {
      if (error instanceof AirherdError) return error.code;
      throw error;
    }
  };
  return {
    login: async () => {
      const code = await clock.during(attempt());
      note(code);
      return code;
    },
  };
}
