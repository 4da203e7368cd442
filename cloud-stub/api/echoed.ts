import { z } from 'zod';

/**
 * Fields that scripts send back because they read them here: what they say is ignored. Whatever is neither these
 * nor changeable is refused, so that nobody believes to have changed what was left out in silence.
 */
export const echoed = (...names: string[]): Record<string, z.ZodOptional<z.ZodUnknown>> =>
  Object.fromEntries(names.map((name) => [name, z.unknown().optional()]));
