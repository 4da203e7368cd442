import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { type AgentConfig, type ConfigLayers, layerConfig } from '../../../agent/index.ts';
import { fromPem, toPem } from '../../../certs/pem.ts';
import { AirherdError } from '../../../protocol/errors.ts';
import { readInput } from '../../read-input.ts';

/** Options of the command line that are settings of the agent. */
export interface AgentFlags {
  config?: string;
  cloud?: string;
  serverName?: string;
  minTls?: string;
  proof?: string;
  topics?: string;
  alpn?: string[];
  brokerCa?: string;
  source?: string[];
  outbox?: string;
  stream?: boolean;
  logLevel?: string;
}

/**
 * Reads the file, if any, and judges all layers at once.
 * @param over what the cloud configured, and what the firmware brings
 */
export async function agentConfig(
  flags: AgentFlags,
  over: Pick<ConfigLayers, 'pushed' | 'firmware'> = {},
): Promise<AgentConfig> {
  const path = flags.config;
  let file: { path: string; text: string } | undefined;
  if (path !== undefined) {
    try {
      file = { path, text: await readFile(path, 'utf8') };
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      throw new AirherdError('config-invalid', { source: path, detail });
    }
  }
  return layerConfig({
    file,
    environment: process.env,
    ...over,
    flags: {
      cloud: {
        url: flags.cloud,
        serverName: flags.serverName,
        minTls: flags.minTls,
        proof: flags.proof,
        topics: flags.topics,
        alpn: flags.alpn,
        trustPem: flags.brokerCa === undefined ? undefined : await authoritiesOf(flags.brokerCa),
      },
      capture: { sources: flags.source, stream: flags.stream },
      outbox: { path: flags.outbox },
      log: { level: flags.logLevel },
    },
  });
}

/** How a device proves itself, and through what: for `agent` and `login` alike. */
export function withProofFlags(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--proof <form>',
        'exporter: to the cloud itself; through a broker that is not its own: challenge, token',
      ).choices(['exporter', 'challenge', 'token']),
    )
    .option('--topics <template>', 'topics of that broker, such as dt/{serial}/{direction}/{name}')
    .option('--alpn <protocol...>', 'for endpoints that go by it, such as x-amzn-mqtt-ca')
    .option('--broker-ca <file>', "authorities of that broker's certificate, PEM, beside our own");
}

/** Every certificate of a PEM file, each on its own. Throws input-missing. */
export async function authoritiesOf(path: string): Promise<string[]> {
  const text = await readInput(path);
  const certificates = fromPem('CERTIFICATE', text).map((der) => toPem('CERTIFICATE', der));
  if (certificates.length > 0) return certificates;
  throw new AirherdError('input-missing', { path, detail: 'it holds no certificate' });
}
