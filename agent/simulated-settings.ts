import { AirherdError } from '../protocol/errors.ts';
import type { DeviceSettings } from '../protocol/messages/configuration.ts';

const OWN_SENSES = 'capture.sources: a simulated device observes its own site, and nothing else';

/**
 * Why a simulated device cannot follow what the cloud wants of it, all of it.
 * @param judge throws config-invalid for what no agent could follow
 */
export function simulatedProblems(
  settings: DeviceSettings,
  judge: (settings: DeviceSettings) => unknown,
): string[] {
  const senses = settings.capture?.sources === undefined ? [] : [OWN_SENSES];
  try {
    judge(settings);
    return senses;
  } catch (error) {
    if (!(error instanceof AirherdError)) throw error;
    return [...senses, ...String(error.parameters.detail).split('; ')];
  }
}
