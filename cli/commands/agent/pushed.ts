/** What the cloud configures on this device: judged as the local settings are, and then over them. */
import type { AgentConfig, ConfigLayers } from '../../../agent/index.ts';
import { AirherdError } from '../../../protocol/errors.ts';
import type { DeviceSettings } from '../../../protocol/messages/configuration.ts';
import { type AgentFlags, agentConfig } from './config.ts';
import { liveSource } from './live-sources.ts';

/** Why this agent, with what its firmware brings, cannot follow these settings; all of it. */
export async function problemsOf(
  flags: AgentFlags,
  settings: DeviceSettings,
  firmware: ConfigLayers['firmware'],
): Promise<string[]> {
  try {
    const local = await agentConfig(flags, { firmware });
    const problems = await problemsTogether(flags, { pushed: settings, firmware });
    return [...problems, ...(settings.capture?.sources ?? []).flatMap((spec) => sourceProblem(spec, local))];
  } catch (error) {
    if (error instanceof AirherdError) return [error.message];
    throw error;
  }
}

/** Of the settings over the local ones. */
async function problemsTogether(
  flags: AgentFlags,
  over: Pick<ConfigLayers, 'pushed' | 'firmware'>,
): Promise<string[]> {
  try {
    await agentConfig(flags, over);
    return [];
  } catch (error) {
    if (error instanceof AirherdError) return String(error.parameters.detail).split('; ');
    throw error;
  }
}

/** Interfaces, radios and daemons are the cloud's to choose; files of the device are not. */
function sourceProblem(spec: string, { capture }: AgentConfig): string[] {
  if (capture.sources.includes(spec)) return [];
  try {
    if (liveSource(spec) !== null) return [];
  } catch (error) {
    if (error instanceof AirherdError) return [`capture.sources: ${error.message}`];
    throw error;
  }
  return [
    `capture.sources: ${spec} is no interface, radio or daemon, nor does the device have it in its own settings`,
  ];
}

/** Names of what is set: `report.statsMs`. */
export const namesOf = (settings: DeviceSettings): string[] =>
  Object.entries(settings).flatMap(([section, inner]) =>
    Object.keys(inner ?? {}).map((key) => `${section}.${key}`),
  );
