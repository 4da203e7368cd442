import { boundingBox } from '../site/geometry.ts';
import type { Band, Site } from '../site/model.ts';
import { wifiEnvironment } from './bands.ts';
import { RadioLinks } from './link.ts';
import { WallLossMap } from './walls.ts';

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

export function coverage(site: Site, floorId: string, band: Band, cellM = 0.5): Coverage {
  const floor = site.floors.find((candidate) => candidate.id === floorId)!;
  const box = boundingBox(floor.outline);
  const columns = Math.ceil((box.east - box.west) / cellM);
  const rows = Math.ceil((box.north - box.south) / cellM);
  const dbm = new Float32Array(columns * rows).fill(Number.NEGATIVE_INFINITY);
  const links = new RadioLinks({ ...wifiEnvironment(band), deviceOffsetSdDb: 0, bodyDb: 0 }, site.seed);
  site.accessPoints.forEach((ap, id) => {
    const radio = ap.radios.find((candidate) => candidate.band === band);
    const apFloor = site.floors.find((candidate) => candidate.id === ap.at.floor);
    if (!radio || !apFloor) return;
    const apart = apFloor.level - floor.level;
    const walls = new WallLossMap(floor, band, ap.at, box.east, box.north, Math.abs(apart));
    const receiver = { id, x: ap.at.x, y: ap.at.y, z: ap.at.z + apart * floor.heightM };
    for (let i = 0; i < dbm.length; i++) {
      const x = box.west + ((i % columns) + 0.5) * cellM;
      const y = box.south + (Math.floor(i / columns) + 0.5) * cellM;
      const powerDbm = radio.powerDbm + ap.antennaGainDb;
      const sent = { device: 0, powerDbm, channel: radio.channel, x, y, z: HEIGHT_M, heading: 0, sample: 0 };
      const mean = links.meanDbm(sent, receiver, walls.at(x, y));
      if (mean > dbm[i]) dbm[i] = mean;
    }
  });
  return { floor: floorId, band, cellM, columns, rows, west: box.west, south: box.south, dbm };
}
