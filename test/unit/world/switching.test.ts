import { describe, expect, test } from 'vitest';
import type { Site, Wire } from '../../../world/site/model.ts';
import { officeSite } from '../../../world/site/office.ts';
import { stadiumSite } from '../../../world/site/stadium.ts';
import { Switching } from '../../../world/site/switching.ts';

const ends = (site: Site) => site.wires.flatMap((wire: Wire) => [wire.a, wire.b]);

describe('the spanning tree of a site with two cores', () => {
  const site = officeSite({ seed: 2, floors: 4 });
  const switching = new Switching(site);

  test('has the first core as its root, and blocks each second way once', () => {
    expect(switching.root?.id).toBe('core');
    const blocked = ends(site).filter((end) => !switching.forwards(end));
    expect(blocked.map((end) => end.device).sort()).toEqual(['sw-f0', 'sw-f1', 'sw-f2', 'sw-f3']);
    expect(blocked.map((end) => switching.portRole(end))).toEqual(Array(4).fill('alternate'));
    expect(blocked.map((end) => switching.neighbourOf(end)?.device)).toEqual(Array(4).fill('core2'));
  });

  test('leaves one way between any two access points, by ports that forward', () => {
    const [first, last] = [site.accessPoints[0], site.accessPoints[site.accessPoints.length - 1]];
    const path = switching.path(
      { device: first.id, port: 'uplink' },
      { device: last.id, port: 'uplink' },
      20,
    );
    expect(path?.map((end) => end.device)).toEqual(['sw-f0', 'sw-f0', 'core', 'core', 'sw-f3', 'sw-f3']);
    expect(path?.every((end) => switching.forwards(end))).toBe(true);
    expect(
      switching.path({ device: first.id, port: 'uplink' }, { device: last.id, port: 'uplink' }, 99),
    ).toBeNull();
  });

  test('address tables point along it, on every bridge', () => {
    const station = {
      mac: '02:00:00:00:00:01',
      vlan: 10,
      at: { device: site.accessPoints[0].id, port: 'uplink' },
    };
    const at = (id: string) =>
      switching.macTable(switching.bridgeOf(id)!, [station]).get('10 02:00:00:00:00:01');
    expect(switching.neighbourOf(at('core')!)?.device).toBe('sw-f0');
    expect(switching.neighbourOf(at('core2')!)?.device).toBe('core');
    expect(switching.neighbourOf(at('sw-f3')!)?.device).toBe('core');
    expect(switching.neighbourOf(at('sw-f0')!)?.device).toBe(site.accessPoints[0].id);
  });

  test('goes the second way when the first core is the worse bridge', () => {
    const other = structuredClone(site);
    other.switches[0].bridgePriority = 61440;
    const turned = new Switching(other);
    expect(turned.root?.id).toBe('core2');
    const blocked = ends(other).filter((end) => !turned.forwards(end));
    // At equal cost the worse bridge gives way (17.6): now that is the first core.
    expect(blocked.map((end) => end.device)).toEqual(Array(4).fill('core'));
  });
});

test('switches of a stack are one bridge, and no neighbours of each other', () => {
  const site = stadiumSite({ seed: 1, seats: 20_000 });
  const switching = new Switching(site);
  const stack = switching.bridgeOf('sw-f0')!;
  expect(stack.members.length).toBeGreaterThan(2);
  expect(switching.bridgeOf('sw-f0-1')).toBe(stack);
  expect(switching.portRole({ device: 'sw-f0', port: 'vcp-1' })).toBe('stack');
  expect(switching.neighbourOf({ device: 'sw-f0', port: 'vcp-1' })).toBeNull();
});
