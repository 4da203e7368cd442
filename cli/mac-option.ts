import { InvalidArgumentError } from 'commander';

/** Parser of an option: a MAC address, as twelve hexadecimal digits. */
export function macAddress(text: string): string {
  const digits = text.replaceAll(/[:.-]/g, '').toLowerCase();
  if (/^[0-9a-f]{12}$/.test(digits)) return digits;
  throw new InvalidArgumentError('must be a MAC address like 02:00:5e:10:00:01.');
}
