import { loadFirmwareKeys, publicKeyIn, trustFirmwareKey } from '../certs/firmware-key.ts';
import type { Home } from './home.ts';

/** Lets devices trust the firmware key of this home, where there is one; how many did not before. */
export async function trustHomeKey(
  { devices, firmware }: Pick<Home, 'devices' | 'firmware'>,
  serials: readonly string[],
): Promise<number> {
  const [key] = await loadFirmwareKeys(publicKeyIn(firmware));
  if (!key) return 0;
  return trustFirmwareKey(devices, serials, key.export({ type: 'spki', format: 'pem' }).toString());
}
