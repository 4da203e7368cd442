import { resolve } from 'node:path';
import type { Command } from 'commander';
import { DeviceTime } from '../../agent/device-time.ts';
import { parseCloudUrl } from '../../agent/index.ts';
import { LOGIN_STEPS, type LoginStep, login, loginSettings } from '../../agent/login.ts';
import { loginIdentity } from '../../agent/login-identity.ts';
import { loadIdentity } from '../../certs/identity.ts';
import { nodeClock } from '../../platform/node/clock.ts';
import { nodeDialer } from '../../platform/node/dial.ts';
import { nodeRandom } from '../../platform/node/random.ts';
import { AirherdError } from '../../protocol/errors.ts';
import { type AgentFlags, agentConfig, withProofFlags } from './agent/config.ts';

interface Options extends AgentFlags {
  identity: string;
  json?: boolean;
}

/** What each step is about, for whom it fails. */
const MEANING: Record<LoginStep, string> = {
  dialing: 'TCP and TLS to the cloud',
  connecting: "the cloud's certificate is good; sending our certificate and proof",
  subscribing: 'the cloud took our proof',
  proving: "waiting for the cloud's proof",
  welcomed: 'the cloud is proven',
};

export function loginCommand(program: Command): void {
  withProofFlags(program.command('login'))
    .description('log a device in and out again, and say which step fails; nothing is sent')
    .requiredOption('--dry-run', 'the only way there is: a session is kept by airherd agent')
    .requiredOption('--identity <dir>', 'folder that airherd device create made')
    .option('--cloud <url>', 'mqtts://host[:port]')
    .option('--server-name <name>', "name that the cloud's certificate must have, where it is not the host")
    .option('--min-tls <version>', 'lowest TLS version: 1.3 or 1.2')
    .option('--config <file>', 'YAML, as for airherd agent')
    .option('--json', 'one JSON document')
    .action(run);
}

async function run(options: Options): Promise<void> {
  const config = await agentConfig(options);
  const identity = await loadIdentity(resolve(options.identity));
  const address = parseCloudUrl(config.cloud.url)!;
  const done: LoginStep[] = [];
  const steps: Record<string, unknown>[] = [];
  const abort = new AbortController();
  let failure: AirherdError | null = null;
  try {
    const { link, welcome } = await login({
      identity: loginIdentity(identity),
      address,
      serverName: config.cloud.serverName ?? address.host,
      ...loginSettings(config.cloud),
      dialer: nodeDialer,
      clock: nodeClock,
      random: nodeRandom,
      time: new DeviceTime(nodeClock, { notBeforeMs: 0, trusted: config.clock.trusted }),
      signal: abort.signal,
      onStep: (step, detail) => {
        done.push(step);
        steps.push({ step, ...detail });
        if (!options.json) console.log(`${mark(step)} ${step.padEnd(12)} ${MEANING[step]}${facts(detail)}`);
      },
    });
    if (welcome.redirect) steps.push({ redirect: welcome.redirect });
    if (welcome.redirect && !options.json) console.log(`  it redirects to ${welcome.redirect}`);
    await link.close();
  } catch (error) {
    if (!(error instanceof AirherdError)) throw error;
    failure = error;
  }
  const failedAt = failure ? (done.at(-1) ?? LOGIN_STEPS[0]) : null;
  if (options.json) {
    const error = failure ? { code: failure.code, message: failure.message } : null;
    console.log(JSON.stringify({ serial: identity.serial, ok: failure === null, failedAt, steps, error }));
  } else if (failure) console.log(`failed in step ${failedAt}`);
  else console.log(`${identity.serial} can log in`);
  if (failure) throw failure;
}

const mark = (step: LoginStep): string => `${LOGIN_STEPS.indexOf(step) + 1}/${LOGIN_STEPS.length}`;

const facts = (detail: Record<string, string | number | boolean>): string => {
  const text = Object.entries(detail).map(([key, value]) => `${key} ${value}`);
  return text.length > 0 ? ` (${text.join(', ')})` : '';
};
