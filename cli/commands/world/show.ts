import { writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { AirherdError } from '../../../protocol/errors.ts';
import { drawFloor } from '../../../world/draw/svg.ts';
import { drawFloorText } from '../../../world/draw/terminal.ts';
import { coverage } from '../../../world/radio/coverage.ts';
import type { Band } from '../../../world/site/model.ts';
import { loadSite } from './load.ts';

/** Cells of a plan on a terminal whose width nobody knows. */
const DEFAULT_COLUMNS = 100;

interface Options {
  band: Band;
  floor?: string;
  svg?: string;
}

export function worldShow(group: Command): void {
  group
    .command('show')
    .description('the floor plan with walls, access points, wires and signal')
    .argument('<file>', 'a site in YAML, as made by airherd world make')
    .addOption(new Option('--band <ghz>', 'band of the heat map').choices(['2.4', '5', '6']).default('5'))
    .option('--floor <id>', 'which floor (default: the first)')
    .option('--svg <file>', 'write a picture instead of drawing in the terminal')
    .action(async (file: string, { band, floor, svg }: Options) => {
      const site = await loadSite(file);
      const id = floor ?? site.floors[0].id;
      if (!site.floors.some((candidate) => candidate.id === id)) {
        const known = site.floors.map((candidate) => candidate.id).join(', ');
        throw new AirherdError('usage-invalid', { detail: `no floor ${id}; there are ${known}` });
      }
      const heat = coverage(site, id, band);
      if (svg === undefined) {
        const columns = Math.min(process.stdout.columns ?? DEFAULT_COLUMNS, 160);
        for (const line of drawFloorText(site, id, heat, columns)) console.log(line);
        return;
      }
      await writeFile(svg, drawFloor(site, id, heat)).catch((error: Error) => {
        throw new AirherdError('output-failed', { path: svg, detail: error.message });
      });
      console.log(`wrote ${svg}`);
    });
}
