import { z } from 'zod';
import { ipText, mac, name, uint } from './fields.ts';

/** What a Wi-Fi client and a wired host have in common. */
export const hostFields = {
  mac,
  /** Locally administered address (IEEE 802 clause 8): most phones' random MACs. */
  randomized: z.boolean(),
  vlan: uint.max(4094).optional(),
  ip4: z.array(ipText).max(8).optional(),
  ip6: z.array(ipText).max(16).optional(),
  hostName: name.optional(),
  userName: name.optional(),
  userAgent: z.string().max(1024).optional(),
  manufacturer: name.optional(),
  family: name.optional(),
  os: name.optional(),
  /** 0 to 1: how sure `family` and `os` are. */
  confidence: z.number().min(0).max(1).optional(),
  lastSeenMs: uint,
};
