/**
 * Joins what the commands that read captures need into one file each, in place: `node build/offline-commands.mjs
 * [dist]`, after tsc. To read a hundred small modules takes as long as to observe 40 MB. Other commands stay as
 * they are: beside what they wait for (networks, databases) it is nothing.
 */
import { join, resolve } from 'node:path';
import { rolldown } from 'rolldown';

const dist = resolve(process.argv[2] ?? join(import.meta.dirname, '..', 'dist'));
/** Below dist; each with what it loads only at times. */
const COMMANDS = {
  'cli/commands/pcap/slice.js': [],
  'cli/commands/observe.js': ['cli/commands/observe/tables.js'],
};
/** What goes wrong is recognised by its class, so there is one. */
const SHARED = ['protocol/errors.js'];

for (const [command, later] of Object.entries(COMMANDS)) {
  const apart = [...SHARED, ...later].map((path) => join(dist, path));
  const bundle = await rolldown({
    input: join(dist, command),
    platform: 'node',
    external: (id, importer) =>
      /^[^./]/.test(id) || apart.includes(importer === undefined ? id : resolve(importer, '..', id)),
  });
  await bundle.write({ file: join(dist, command), format: 'esm' });
}
