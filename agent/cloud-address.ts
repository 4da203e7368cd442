import { type CloudAddress, parseCloudUrl } from '../protocol/cloud-url.ts';
import { AirherdError } from '../protocol/errors.ts';

/** Where a welcome points to; a redirect that is no address is the cloud's fault. */
export function redirectAddress(redirect: string, serial: string): CloudAddress {
  const address = parseCloudUrl(redirect);
  if (address) return address;
  throw new AirherdError('login-refused', {
    serial,
    detail: 'it redirects to something that is no mqtts URL',
  });
}
