import type { Layer } from './layer.ts';
import { arp } from './layers/arp.ts';
import { ethernet } from './layers/ethernet.ts';
import { llc } from './layers/llc.ts';
import { vlan } from './layers/vlan.ts';
import { PROTO_COUNT } from './protocols.ts';

/** Every decoder, one line each: adding a protocol adds its file and its line here. */
const LAYERS: readonly Layer[] = [arp, ethernet, llc, vlan];

export const layerOf: readonly (Layer | undefined)[] = (() => {
  const table: (Layer | undefined)[] = new Array(PROTO_COUNT).fill(undefined);
  for (const layer of LAYERS) table[layer.proto] = layer;
  return table;
})();
