import { durationMs } from './duration.ts';
import { shapeSettings } from './shapes/registry.ts';

const CLOUD = 'mqtts://localhost:8883';
const FOR = '60s';
/** All devices are on after this part of the run. */
const RAMPED_IN = 0.25;
/** What happens once happens after this part of it. */
const HALFWAY = 0.5;

/** Settings as somebody wrote them, with those that follow from the others. What is no such thing comes back as it is. */
export function withDefaults(input: unknown): unknown {
  if (!isMapping(input)) return input;
  const { cloud = CLOUD, for: length = FOR, devices, shape } = input;
  const settings = { ...input, cloud, for: length };
  const forMs = typeof length === 'string' ? durationMs(length) : null;
  if (!isMapping(shape) || typeof devices !== 'number' || !forMs) return settings;
  const derived: Record<string, unknown> = {
    rate: Math.ceil(devices / ((forMs * RAMPED_IN) / 1000)),
    at: `${forMs * HALFWAY}ms`,
  };
  const known = shapeSettings.options.find((option) => option.shape.kind.value === shape.kind)?.shape ?? {};
  const own = Object.fromEntries(Object.entries(derived).filter(([name]) => name in known));
  return { ...settings, shape: { ...own, ...shape } };
}

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
