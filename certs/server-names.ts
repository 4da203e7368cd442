import ipaddr from 'ipaddr.js';
import { AirherdError } from '../protocol/errors.ts';

/** What servers may be called: DNS suffixes, and networks as address/bits. */
export interface AllowedNames {
  domains: string[];
  subnets: string[];
}

/** Names of private use (RFC 6761, 6762, 8375, ICANN's .internal) and addresses (RFC 1918, 3927, 4193): allowed unasked. */
export const PRIVATE_NAMES: readonly string[] = [
  'localhost',
  'local',
  'internal',
  'test',
  'home.arpa',
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '::1/128',
  'fc00::/7',
  'fe80::/10',
];

const DNS_NAME =
  /^(?=.{1,253}$)([a-z0-9_]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9_]([a-z0-9-]{0,61}[a-z0-9])?)*$/;

/** Tells DNS suffixes, addresses and networks apart, without repeats; throws usage-invalid for what is neither. */
export function sortNames(names: readonly string[]): AllowedNames {
  const domains = new Set<string>();
  const subnets = new Set<string>();
  for (const name of names) {
    const lower = name.toLowerCase();
    if (ipaddr.isValidCIDR(name)) subnets.add(name);
    else if (ipaddr.isValid(name)) subnets.add(`${name}/${ipaddr.parse(name).kind() === 'ipv4' ? 32 : 128}`);
    else if (DNS_NAME.test(lower)) domains.add(lower);
    else
      throw new AirherdError('usage-invalid', {
        detail: `"${name}" is neither a DNS name nor an IP address`,
      });
  }
  return { domains: [...domains], subnets: [...subnets] };
}
