import { AirherdError } from '../../../protocol/errors.ts';
import { askDevice } from './ask.ts';

/** Beyond the half minute that a device has for each of two commands. */
const TIMEOUT_MS = 70_000;

/**
 * Lets the cloud of this machine do something with a connected device. Null when no cloud is running, or when the
 * device is not connected to it. @throws AirherdError api-refused
 */
export async function overConnection<T>(
  serial: string,
  action: 'renew' | 'rotate-key',
  body?: object,
): Promise<T | null> {
  try {
    return await askDevice<T>(serial, action, { body, timeoutMs: TIMEOUT_MS });
  } catch (error) {
    if (!(error instanceof AirherdError)) throw error;
    const { code } = error;
    const why = code === 'api-refused' ? error.parameters.code : code;
    // A cloud that was killed leaves its file behind: it is unreachable.
    if (why === 'cloud-not-running' || why === 'cloud-unreachable' || why === 'device-offline') return null;
    throw error;
  }
}
