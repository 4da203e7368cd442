import type { Command } from 'commander';
import { AirherdError } from '../../../protocol/errors.ts';
import type { SubjectKind } from '../../../protocol/subject-bytes.ts';
import { type ApiFlags, withApiFlags } from '../../cloud-api.ts';

export interface SubjectFlags extends ApiFlags {
  org?: string;
  mac?: string;
  user?: string;
  host?: string;
  ip?: string;
  email?: string;
}

const KINDS = { mac: 'mac', user: 'user-name', host: 'host-name', ip: 'ip', email: 'email' } as const;

/** Options that name one person, or a device of one. */
export const withSubjectFlags = (command: Command): Command =>
  withApiFlags(command)
    .option('--org <name>', 'organisation; the only one, when there is one')
    .option('--mac <address>', 'by the MAC address of a device')
    .option('--user <name>', 'by the name that the person signs in with')
    .option('--host <name>', 'by the host name of a device')
    .option('--ip <address>', 'by an IP address that a device had')
    .option('--email <address>', 'by an e-mail address');

export function subjectOf(flags: SubjectFlags): { kind: SubjectKind; value: string } {
  const given = (Object.keys(KINDS) as (keyof typeof KINDS)[]).flatMap((name) => {
    const value = flags[name];
    return value === undefined ? [] : [{ kind: KINDS[name], value }];
  });
  if (given.length === 1) return given[0];
  const detail = 'name the person by one of --mac, --user, --host, --ip, --email';
  throw new AirherdError('usage-invalid', { detail });
}
