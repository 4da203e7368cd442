import type { Observer } from '../../../packets/observe/observer.ts';
import type { StationRecord } from './fields.ts';

/** JSON escapes C0 itself; these could still turn a terminal's line round or break it. */
const UNSAFE = /[\u007f-\u009f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** What `airherd observe --json` prints; docs/observations.md describes it. */
export function observationsJson(
  observer: Observer,
  file: string,
  complete: boolean,
  fields: string[] | undefined,
): string {
  const document = {
    file,
    complete,
    clients: observer.clients().map((record) => only(record, fields)),
    wiredHosts: observer.wiredHosts().map((record) => only(record, fields)),
    accessPoints: observer.accessPoints(),
    neighbours: observer.neighbours(),
    bleDevices: observer.bleDevices().map(({ advertisingData, ...device }) => ({
      ...device,
      advertisingData: Buffer.from(advertisingData).toString('hex'),
    })),
    totals: observer.totals(),
  };
  return JSON.stringify(document, null, 2).replace(
    UNSAFE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function only(record: StationRecord, fields: string[] | undefined): object {
  if (fields === undefined) return record;
  const keep = ([key]: [string, unknown]): boolean => fields.includes(key);
  return {
    ...Object.fromEntries(Object.entries(record).filter(keep)),
    provenance: Object.fromEntries(Object.entries(record.provenance).filter(keep)),
  };
}
