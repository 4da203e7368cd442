import type { Random } from '../platform/ports/random.ts';
import {
  type ChallengeContext,
  challengeProof,
  openingMessage,
  verifyAnswer,
} from '../protocol/challenge.ts';
import { decodeDown } from '../protocol/codec.ts';
import { AirherdError } from '../protocol/errors.ts';
import type { Welcome } from '../protocol/messages/down.ts';
import { NONCE_LENGTH } from '../protocol/proof.ts';
import { sessionKeys } from '../protocol/session-mac.ts';
import type { DeviceLink } from './device-link.ts';
import type { Link } from './link.ts';
import type { LoginIdentity } from './login-identity.ts';
import { MacLink, type MacLinkOptions } from './mac-link.ts';

export interface ChallengeOptions extends Omit<MacLinkOptions, 'keys'> {
  identity: LoginIdentity;
  /** SHA-256 of the broker's leaf certificate as this device sees it. */
  brokerSha256: Buffer;
  random: Random;
}

/**
 * After the subscription: our nonce goes up, the cloud's answer proves the cloud, then we prove ourselves. What is
 * wrong is ignored, not answered: anybody on the broker may send it; the caller's deadline ends the wait.
 */
export async function proveByChallenge(
  link: Link,
  options: ChallengeOptions,
): Promise<{ link: DeviceLink; welcome: Welcome }> {
  const { identity, brokerSha256, random } = options;
  const { serial, certificateSha256, deviceKey, cloudKey } = identity;
  const nonceDevice = random.bytes(NONCE_LENGTH);
  const context: ChallengeContext = {
    channelBinding: brokerSha256,
    serial,
    certificateSha256,
    nonceDevice,
  };
  let wrong = false;
  const answered = new Promise<Buffer>((resolve) => {
    link.receiveWith((topic, payload) => {
      const nonceCloud = topic === 'auth' ? verifyAnswer(cloudKey, context, payload) : null;
      if (!nonceCloud) {
        wrong ||= topic === 'auth';
        options.onRefused(topic, 'not proven');
        return;
      }
      link.holdMessages();
      resolve(nonceCloud);
    });
  });
  link.publish('auth', openingMessage(deviceKey, context));
  const unproven = () => (wrong ? new AirherdError('cloud-unproven', { serial }) : null);
  const nonceCloud = await unlessClosed(link, answered, unproven);
  const keys = sessionKeys(deviceKey, serial, nonceDevice, nonceCloud);
  const secured = new MacLink(link, { ...options, keys });
  const welcomed = new Promise<Welcome>((resolve, reject) => {
    secured.receiveWith((topic, body) => {
      if (topic !== 'welcome') return;
      const decoded = decodeDown('welcome', body);
      if (decoded.ok) resolve(decoded.message);
      else reject(new AirherdError('cloud-message', { topic, detail: decoded.reason }));
      secured.holdMessages();
    });
  });
  link.publish('auth', challengeProof(deviceKey, context, nonceCloud));
  return { link: secured, welcome: await unlessClosed(link, welcomed, () => null) };
}

function unlessClosed<T>(link: Link, result: Promise<T>, why: () => AirherdError | null): Promise<T> {
  return new Promise((resolve, reject) => {
    result.then(resolve, reject);
    void link.closed.then((reason) => reject(why() ?? reason));
  });
}
