import { openCloudApi } from '../../cloud-api.ts';

/** Beyond the half minute that a device has for an answer. */
const TIMEOUT_MS = 40_000;

/** Has the cloud of this machine ask a connected device. Throws device-offline, api-refused, cloud-not-running. */
export async function askDevice<T>(
  serial: string,
  action: string,
  { body, timeoutMs = TIMEOUT_MS }: { body?: object; timeoutMs?: number } = {},
): Promise<T> {
  const api = await openCloudApi({});
  return api.askDevice<T>(serial, action, { body, timeoutMs });
}
