import { z } from 'zod';

/** A MAC address with or without separators, as six bytes. */
export const hexMac = z
  .string()
  .transform((text) => text.replaceAll(/[:-]/g, '').toLowerCase())
  .refine((text) => /^[0-9a-f]{12}$/.test(text), 'is not a MAC address')
  .transform((text) => Buffer.from(text, 'hex'));
