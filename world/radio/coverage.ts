import { type Conditions, UNDISTURBED } from '../happenings/conditions.ts';
import { boundingBox } from '../site/geometry.ts';
import type { Band, Site } from '../site/model.ts';
import { wifiEnvironment } from './bands.ts';
import { RadioField } from './field.ts';
import { BANDS } from './walls.ts';

/** Strongest mean signal of any access point, at the middle of each cell, row by row from the south-west. */
export interface Coverage {
  floor: string;
  band: Band;
  cellM: number;
  columns: number;
  rows: number;
  west: number;
  south: number;
  dbm: Float32Array;
}

/** A device that is held 1.2 m above the floor, with no offset of its own and nobody in the way. */
const HEIGHT_M = 1.2;

/** Of the radios that are not down. */
export function coverage(
  site: Site,
  floorId: string,
  band: Band,
  cellM = 0.5,
  { accessPointsDown, radiosDown }: Pick<Conditions, 'accessPointsDown' | 'radiosDown'> = UNDISTURBED,
): Coverage {
  const floor = site.floors.find((candidate) => candidate.id === floorId)!;
  const box = boundingBox(floor.outline);
  const columns = Math.ceil((box.east - box.west) / cellM);
  const rows = Math.ceil((box.north - box.south) / cellM);
  const dbm = new Float32Array(columns * rows).fill(Number.NEGATIVE_INFINITY);
  const still = (of: Band) => ({ ...wifiEnvironment(of, site.radio?.wifi), deviceOffsetSdDb: 0, bodyDb: 0 });
  const field = new RadioField(site, { wifi: still });
  const near = new Int32Array(site.accessPoints.length);
  const level = field.floorOf(floorId);
  const number = BANDS.indexOf(band);
  const down = new Set([
    ...accessPointsDown,
    ...radiosDown.filter((radio) => radio.band === band).map(({ accessPoint }) => accessPoint),
  ]);
  const sends = site.accessPoints.map(({ id }) => !down.has(id));
  const sent = {
    device: 0,
    powerDbm: 0,
    channel: 0,
    floor: level,
    x: 0,
    y: 0,
    z: HEIGHT_M,
    heading: 0,
    sample: 0,
  };
  for (let i = 0; i < dbm.length; i++) {
    sent.x = box.west + ((i % columns) + 0.5) * cellM;
    sent.y = box.south + (Math.floor(i / columns) + 0.5) * cellM;
    const count = field.near(level, sent.x, sent.y, near);
    for (let k = 0; k < count; k++) {
      if (!sends[near[k]]) continue;
      sent.powerDbm = field.powerDbm(near[k], number);
      const mean = field.meanDbm(near[k], number, sent);
      if (mean > dbm[i]) dbm[i] = mean;
    }
  }
  return { floor: floorId, band, cellM, columns, rows, west: box.west, south: box.south, dbm };
}
