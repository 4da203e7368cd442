import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { ManufacturerOf } from '../../packets/observe/manufacturer.ts';
import { manufacturerIndex } from '../../packets/observe/manufacturer-index.ts';

/**
 * The IEEE registries for a process that ends soon, or that is to be small: read when the first manufacturer is asked
 * for, and never parsed as a whole (6 MB instead of 25). `loadManufacturers` answers faster.
 */
export function manufacturersOnDemand(): ManufacturerOf {
  let index: ManufacturerOf | undefined;
  return (mac) => {
    index ??= manufacturerIndex(readFileSync(createRequire(import.meta.url).resolve('oui-data')));
    return index(mac);
  };
}
