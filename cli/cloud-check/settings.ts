import type { Verification } from '../../cloud-stub/audit/entry.ts';
import {
  type ApiLimits,
  type CloudConfiguration,
  DEFAULT_API_LIMITS,
} from '../../cloud-stub/configuration.ts';
import { DEFAULT_LIMITS, type Limits } from '../../cloud-stub/limits.ts';
import { DEFAULT_SETTINGS, type PrivacySettings } from '../../cloud-stub/privacy/settings.ts';
import type { CloudApi } from '../cloud-api.ts';
import { type Finding, Findings } from './finding.ts';

/** A limit of more than so many times the default is as good as none. */
const MOST_TIMES = 4;

/** Limits, log level, state of the store. */
export function checkConfiguration({ limits, api, logLevel }: CloudConfiguration): Finding[] {
  const findings = new Findings('settings');
  const loose = [...looser(limits, DEFAULT_LIMITS), ...looser(api, DEFAULT_API_LIMITS)];
  findings.must(
    'limits',
    loose.length === 0,
    'sizes, rates and times have bounds',
    `limits that bound little: ${loose.join(', ')}`,
    'docs/cloud.md has the defaults',
  );
  if (['debug', 'trace'].includes(logLevel)) {
    findings.advice(
      'log-level',
      `logs at ${logLevel}: personal data may be in them`,
      'start with --log-level info',
    );
  } else findings.ok('log-level', `logs at ${logLevel}: without personal data`);
  return findings.all;
}

function looser<T extends Limits | ApiLimits>(found: T, standard: T): string[] {
  return Object.entries(standard).flatMap(([name, value]) => {
    const now = Number(found[name as keyof T]);
    return now > Number(value) * MOST_TIMES ? [`${name} ${now}`] : [];
  });
}

interface Listed {
  name: string;
  expire_time?: number;
  src_ips?: string[];
}

/** Tokens of the machine's operator, which may do everything. */
export async function checkOperator(api: CloudApi): Promise<Finding[]> {
  const findings = new Findings('settings');
  const { store } = await api.json<{ store: string }>('/api/airherd/v1/status');
  findings.must(
    'store',
    store === 'ok',
    'the store has room',
    'the disk is full: nothing is acknowledged',
    'make room',
  );
  const tokens = await api.json<Listed[]>('/api/airherd/v1/apitokens');
  // `operator` is issued anew at each start, and lies in a file of mode 0600.
  const lasting = tokens.filter(({ name, expire_time }) => name !== 'operator' && expire_time === undefined);
  if (lasting.length > 0) {
    findings.advice(
      'operator-tokens',
      `tokens that may do everything and never end: ${lasting.map(({ name }) => name).join(', ')}`,
      'airherd token list --operator, airherd token revoke ID --operator',
    );
  } else findings.ok('operator-tokens', 'no token that may do everything is left over');
  const verdict = await api.json<Verification>('/api/airherd/v1/audit/verify');
  judgeLog(findings, verdict);
  return findings.all;
}

function judgeLog(findings: Findings, verdict: Verification): void {
  findings.must(
    'audit-log',
    verdict.ok,
    'the audit log is whole',
    `the audit log was tampered with: ${verdict.ok ? '' : verdict.detail}`,
    'find out who can write the files; restore the log from a backup to compare',
  );
}

interface Person {
  email: string;
  enable_two_factor: boolean;
}

/** What one organisation has set. Reading who its people are is in its audit log. */
export async function checkOrganisation(api: CloudApi, orgId: string, name: string): Promise<Finding[]> {
  const findings = new Findings(name);
  const base = `/api/airherd/v1/orgs/${orgId}`;
  judgeLog(findings, await api.json<Verification>(`${base}/audit/verify`));
  const support = await api.json<{ open: boolean; until: number | null }>(`${base}/support`);
  if (support.open && support.until === null) {
    findings.advice(
      'support',
      "the vendor's staff may look in, without an end",
      `airherd cloud support off --org "${name}", or on --for 2h`,
    );
  } else {
    findings.ok(
      'support',
      support.open
        ? `support staff may look in until ${new Date(Number(support.until) * 1000).toISOString()}`
        : 'closed to support staff',
    );
  }
  judgePrivacy(findings, await api.json<PrivacySettings & { privacyClasses: string[] }>(`${base}/privacy`));
  const people = await api.json<Person[]>(`/api/v1/orgs/${orgId}/admins?limit=1000`);
  const single = people.filter((person) => !person.enable_two_factor).length;
  if (single > 0) {
    findings.advice(
      'two-factor',
      `${single} of ${people.length} people sign in with a password alone`,
      'they turn the second factor on themselves: POST /api/airherd/v1/self/two-factor',
    );
  } else findings.ok('two-factor', `${people.length} people, each with a second factor`);
  const tokens = await api.json<Listed[]>(`/api/v1/orgs/${orgId}/apitokens`);
  const lasting = tokens.filter(({ expire_time }) => expire_time === undefined);
  const anywhere = tokens.filter(({ src_ips = [] }) => src_ips.length === 0);
  if (lasting.length + anywhere.length > 0) {
    findings.advice(
      'tokens',
      `of ${tokens.length} tokens ${lasting.length} never end, ${anywhere.length} may come from anywhere`,
      'airherd token create --days … --from …',
    );
  } else findings.ok('tokens', `${tokens.length} tokens, each with an end and networks`);
  return findings.all;
}

function judgePrivacy(
  findings: Findings,
  { retentionDays, premiumAnalytics, privacyClasses }: PrivacySettings & { privacyClasses: string[] },
): void {
  const standard = DEFAULT_SETTINGS.retentionDays;
  const kept = `device data ${retentionDays.device} days, packets ${retentionDays.packets}`;
  const isLonger = retentionDays.device > standard.device || retentionDays.packets > standard.packets;
  if (!isLonger) findings.ok('retention', kept);
  else if (premiumAnalytics)
    findings.advice('retention', `${kept}: longer than the default`, 'keep no longer than it is needed');
  else findings.wrong('retention', `${kept} without Premium Analytics`, 'shorten it');
  if (privacyClasses.includes('pcap.payload')) {
    findings.advice(
      'payload',
      'captures with payload are switched on; each needs a consent in force',
      'switch pcap.payload off when it is not needed',
    );
  }
}
