/** `world:SITE.yaml?speed=10&start=TIME&for=1h#ap0`: a device of a simulated site as a source. */

export interface WorldSpec {
  /** All but the device: sources with the same text share a world. */
  world: string;
  device: string;
  path: string;
  query: ReadonlyMap<string, string>;
}

/** Null for what is no world. */
export function parseWorldSpec(spec: string): WorldSpec | null {
  const [, world, device] = /^(world:.+)#([^#]+)$/s.exec(spec) ?? [];
  if (world === undefined) return null;
  const [path, ...query] = world.slice('world:'.length).split('?');
  return { world, device, path, query: new Map(new URLSearchParams(query.join('?'))) };
}
