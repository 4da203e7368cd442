import { readFile } from 'node:fs/promises';
import { type AgentConfig, layerConfig } from '../../../agent/index.ts';
import { AirherdError } from '../../../protocol/errors.ts';

/** Options of the command line that are settings of the agent. */
export interface AgentFlags {
  config?: string;
  cloud?: string;
  serverName?: string;
  minTls?: string;
  source?: string[];
  outbox?: string;
  stream?: boolean;
  logLevel?: string;
}

/** Reads the file, if any, and judges all layers at once. */
export async function agentConfig(flags: AgentFlags): Promise<AgentConfig> {
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
    flags: {
      cloud: { url: flags.cloud, serverName: flags.serverName, minTls: flags.minTls },
      capture: { sources: flags.source, stream: flags.stream },
      outbox: { path: flags.outbox },
      log: { level: flags.logLevel },
    },
  });
}
