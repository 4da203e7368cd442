/** A site as GeoJSON (RFC 7946) in its own metres: programs that draw it must not take them for degrees. */
import type { Place, Point, Site } from '../site/model.ts';

interface Feature {
  type: 'Feature';
  geometry:
    | { type: 'Polygon'; coordinates: [number, number][][] }
    | { type: 'LineString'; coordinates: [number, number][] }
    | { type: 'Point'; coordinates: [number, number, number] };
  properties: Record<string, unknown>;
}

const xy = ({ x, y }: Point): [number, number] => [x, y];

/** Rings are closed, and run counter-clockwise where the outline does (3.1.6). */
const polygon = (outline: readonly Point[]): Feature['geometry'] => ({
  type: 'Polygon',
  coordinates: [[...outline, outline[0]].map(xy)],
});

const device = (kind: string, at: Place, properties: Record<string, unknown>): Feature => ({
  type: 'Feature',
  geometry: { type: 'Point', coordinates: [at.x, at.y, at.z] },
  properties: { kind, floor: at.floor, ...properties },
});

export function siteGeoJson(site: Site) {
  const features: Feature[] = [];
  for (const { id: floor, level, outline, rooms, walls } of site.floors) {
    const add = (geometry: Feature['geometry'], properties: Record<string, unknown>) =>
      features.push({ type: 'Feature', geometry, properties: { ...properties, floor } });
    add(polygon(outline), { kind: 'floor', level });
    for (const room of rooms) {
      add(polygon(room.outline), { kind: 'room', id: room.id, use: room.kind, seats: room.seats });
    }
    for (const { from, to, material } of walls) {
      add({ type: 'LineString', coordinates: [xy(from), xy(to)] }, { kind: 'wall', material });
    }
  }
  for (const { at, id, name, model, mac } of site.accessPoints) {
    features.push(device('access point', at, { id, name, model, mac }));
  }
  for (const { at, id, name, model, mac } of site.switches) {
    features.push(device('switch', at, { id, name, model, mac }));
  }
  return { type: 'FeatureCollection', features };
}
