/**
 * What can go wrong in a site: for each kind what is written of it, and what it does to the conditions while it
 * lasts. What is left out of a happening (which access point, which port) is chosen by chance each time.
 */
import { z } from 'zod';
import { macFrom } from '../site/equipment.ts';
import type { Place } from '../site/model.ts';
import type { Conditions } from './conditions.ts';
import type { Targets } from './targets.ts';

/** A copy of conditions that a happening may change. */
export type Draft = { -readonly [K in keyof Conditions]: Conditions[K] };

export interface Effect {
  apply(draft: Draft, cause: string): void;
  /** Ids of access points, switches, ports (`sw-f0 ge-0/0/3`), VLANs or users that it strikes. */
  concerns: string[];
  /** On for half of each such period, off for the other. */
  flapMs?: number;
}

/** `90s`, `10m`, `1.5h`; milliseconds. */
export const duration = z
  .string()
  .regex(/^\d+(\.\d+)?(ms|s|m|h|d)$/, 'write a duration as 500ms, 90s, 10m, 2h or 1d')
  .transform((text) => {
    const unit = text.replace(/[\d.]+/, '');
    return Math.round(
      Number.parseFloat(text) * { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit as 'ms'],
    );
  });

const name = z.string().min(1).max(64);
const band = z.enum(['2.4', '5', '6']);
const channel = z.number().int().min(1).max(233);
const vlan = z.number().int().min(1).max(4094);
const dbm = z.number().min(0).max(36);
const accessPoint = name.optional();
const port = { switch: name.optional(), port: name.optional() };
const mac = z.string().regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/, 'write a MAC as 02:00:00:00:00:01');
const place = z
  .strictObject({ floor: name, x: z.number(), y: z.number(), z: z.number().default(1) })
  .optional();

interface Kind {
  shape: z.ZodRawShape;
  /** `written` is the happening as it stands in the file; what is left out is picked from `targets`. */
  effect(written: unknown, targets: Targets): Effect;
}

/** Ties what is written of a kind to what reads it. */
function kind<Shape extends z.ZodRawShape>(
  shape: Shape,
  effect: (write: z.output<z.ZodObject<Shape>>, targets: Targets) => Effect,
): Kind {
  const schema = z.object(shape);
  return { shape, effect: (written, targets) => effect(schema.parse(written), targets) };
}

const EVERYBODY: string[] = [];

export const KINDS = {
  'dhcp-dead': kind({}, () => ({
    concerns: ['dhcp'],
    apply: (draft) => {
      draft.dhcp = { ...draft.dhcp, answer: 'silent' };
    },
  })),
  'dhcp-exhausted': kind({}, () => ({
    concerns: ['dhcp'],
    apply: (draft) => {
      draft.dhcp = { ...draft.dhcp, answer: 'exhausted' };
    },
  })),
  'dhcp-slow': kind({ delay: duration }, ({ delay }) => ({
    concerns: ['dhcp'],
    apply: (draft) => {
      draft.dhcp = { ...draft.dhcp, delayMs: delay };
    },
  })),
  'radius-reject': kind({ users: z.array(name).default(EVERYBODY) }, ({ users }) => ({
    concerns: users.length > 0 ? users : ['radius'],
    apply: (draft) => {
      draft.radius = { ...draft.radius, answer: 'reject', users: users.length > 0 ? users : null };
    },
  })),
  'radius-dead': kind({}, () => ({
    concerns: ['radius'],
    apply: (draft) => {
      draft.radius = { ...draft.radius, answer: 'silent', users: null };
    },
  })),
  'radius-slow': kind({ delay: duration }, ({ delay }) => ({
    concerns: ['radius'],
    apply: (draft) => {
      draft.radius = { ...draft.radius, delayMs: delay };
    },
  })),
  'dns-dead': kind({}, () => ({
    concerns: ['dns'],
    apply: (draft) => {
      draft.dns = { ...draft.dns, answer: 'silent' };
    },
  })),
  'dns-failing': kind({}, () => ({
    concerns: ['dns'],
    apply: (draft) => {
      draft.dns = { ...draft.dns, answer: 'servfail' };
    },
  })),
  'dns-slow': kind({ delay: duration }, ({ delay }) => ({
    concerns: ['dns'],
    apply: (draft) => {
      draft.dns = { ...draft.dns, delayMs: delay };
    },
  })),
  'gateway-gone': kind({ vlan: vlan.optional() }, (write, targets) => {
    const vlans = write.vlan === undefined ? targets.vlans() : [write.vlan];
    return {
      concerns: vlans.map((id) => `vlan ${id}`),
      apply: (draft) => {
        draft.gatewaysGone = [...draft.gatewaysGone, ...vlans];
      },
    };
  }),
  interference: kind(
    {
      place,
      band: band.default('2.4'),
      channels: z.array(channel).min(1).default([1, 6, 11]),
      duty: z.number().gt(0).max(1).default(0.5),
      powerDbm: dbm.default(20),
    },
    ({ place: written, channels, duty, powerDbm, ...write }, targets) => {
      const where = written ?? targets.somewhere();
      return {
        concerns: targets.nearest(where),
        apply: (draft, cause) => {
          const one = { at: where, band: write.band, channels, duty, powerDbm, cause };
          draft.interference = [...draft.interference, one];
        },
      };
    },
  ),
  /** Heard on 5 GHz; the radio goes to a channel without radar (EN 301 893, 47 CFR 15.407(h)). */
  radar: kind({ accessPoint, channel: channel.default(36) }, (write, targets) => {
    const id = targets.accessPoint(write.accessPoint);
    return {
      concerns: [id],
      apply: (draft) => {
        const moved = { accessPoint: id, band: '5' as const, channel: write.channel };
        draft.channels = [...draft.channels, moved];
      },
    };
  }),
  'access-point-down': kind({ accessPoint }, (write, targets) => {
    const id = targets.accessPoint(write.accessPoint);
    return {
      concerns: [id],
      apply: (draft) => {
        draft.accessPointsDown = [...draft.accessPointsDown, id];
      },
    };
  }),
  'radio-down': kind({ accessPoint, band: band.default('5') }, (write, targets) => {
    const id = targets.accessPoint(write.accessPoint);
    return {
      concerns: [id],
      apply: (draft) => {
        draft.radiosDown = [...draft.radiosDown, { accessPoint: id, band: write.band }];
      },
    };
  }),
  'switch-down': kind({ switch: name.optional() }, (write, targets) => {
    const id = targets.switch(write.switch);
    return {
      concerns: [id],
      apply: (draft) => {
        draft.switchesDown = [...draft.switchesDown, id];
        draft.accessPointsDown = [...draft.accessPointsDown, ...targets.poweredBy(id)];
      },
    };
  }),
  'cable-fault': kind(
    { ...port, errorsPerMille: z.number().int().min(1).max(1000).default(200) },
    (write, targets) => {
      const end = targets.wiredPort(write);
      return {
        concerns: targets.around(end),
        apply: (draft) => {
          const { errorsPerMille } = write;
          draft.cableFaults = [...draft.cableFaults, { switch: end.device, port: end.port, errorsPerMille }];
        },
      };
    },
  ),
  'port-down': kind(port, (write, targets) => portDown(targets, write)),
  'port-flap': kind({ ...port, every: duration.default(20_000) }, (write, targets) => ({
    ...portDown(targets, write),
    flapMs: write.every,
  })),
  'poe-loss': kind({ switch: name.optional() }, (write, targets) => {
    const id = targets.poeSwitch(write.switch);
    return {
      concerns: [id, ...targets.poweredBy(id)],
      apply: (draft) => {
        draft.accessPointsDown = [...draft.accessPointsDown, ...targets.poweredBy(id)];
        const ports = targets.poeDevicePorts(id).map((name) => ({ switch: id, port: name }));
        draft.portsDown = [...draft.portsDown, ...ports];
      },
    };
  }),
  'wrong-vlan': kind({ ...port, vlan: vlan.default(999) }, (write, targets) => {
    const end = targets.wiredPort(write);
    return {
      concerns: targets.around(end),
      apply: (draft) => {
        draft.vlans = [...draft.vlans, { switch: end.device, port: end.port, vlan: write.vlan }];
      },
    };
  }),
  loop: kind({ switch: name.optional() }, (write, targets) => {
    const { device, ports } = targets.twoFreePorts(write.switch);
    return {
      concerns: ports.map((id) => `${device} ${id}`),
      apply: (draft) => {
        draft.loops = [...draft.loops, { switch: device, ports }];
      },
    };
  }),
  /** The gateway's address, where no other is named. */
  'duplicate-ip': kind(
    { ipv4: z.ipv4('write an IPv4 address').optional(), mac: mac.optional(), vlan: vlan.optional() },
    (write, targets) => {
      const network = targets.network(write.vlan);
      const ipv4 = write.ipv4 ?? network.gateway.ipv4;
      const claimant = write.mac ?? macFrom(targets.seed, 'duplicate-ip', targets.number());
      return {
        concerns: [ipv4],
        apply: (draft) => {
          draft.duplicateIps = [...draft.duplicateIps, { ipv4, mac: claimant, vlan: network.vlan }];
        },
      };
    },
  ),
  'rogue-ap': kind(
    {
      ssid: name.default('free-wifi'),
      place,
      band: band.default('2.4'),
      channel: channel.default(6),
      powerDbm: dbm.default(15),
    },
    (write, targets) => rogue('rogue', write, targets),
  ),
  'evil-twin': kind(
    {
      ssid: name.optional(),
      place,
      band: band.default('2.4'),
      channel: channel.default(6),
      powerDbm: dbm.default(18),
    },
    (write, targets) => rogue('evil-twin', write, targets),
  ),
  /** In the name of each of its BSSIDs. */
  'deauth-flood': kind(
    { accessPoint, framesPerS: z.number().int().min(1).max(1000).default(20), powerDbm: dbm.default(15) },
    (write, targets) => {
      const id = targets.accessPoint(write.accessPoint);
      const { bssids, at } = targets.cells(id);
      return {
        concerns: [id],
        apply: (draft, cause) => {
          const { framesPerS, powerDbm } = write;
          const floods = bssids.map((bssid) => ({ bssid, framesPerS, powerDbm, at, cause }));
          draft.deauthFloods = [...draft.deauthFloods, ...floods];
        },
      };
    },
  ),
  crowd: kind({ factor: z.number().gt(0).max(10).default(3) }, ({ factor }) => ({
    concerns: ['visitors'],
    apply: (draft) => {
      draft.crowdFactor *= factor;
    },
  })),
  'os-bug': kind(
    {
      os: name,
      osVersion: z.string().max(32).default(''),
      effect: z.enum(['ignores-offers', 'wrong-mic', 'disconnects', 'never-roams']),
      every: duration.default(300_000),
    },
    ({ os, osVersion, effect, every }) => ({
      concerns: [`${os} ${osVersion}`.trim()],
      apply: (draft, cause) => {
        draft.osBugs = [...draft.osBugs, { os, osVersion, effect, everyMs: every, cause }];
      },
    }),
  ),
};

export type HappeningKind = keyof typeof KINDS;

function portDown(targets: Targets, write: { switch?: string; port?: string }): Effect {
  const end = targets.wiredPort(write);
  return {
    concerns: targets.around(end),
    apply: (draft) => {
      draft.portsDown = [...draft.portsDown, { switch: end.device, port: end.port }];
    },
  };
}

function rogue(
  kind: 'rogue' | 'evil-twin',
  write: { ssid?: string; place?: Place; band: '2.4' | '5' | '6'; channel: number; powerDbm: number },
  targets: Targets,
): Effect {
  const at = write.place ?? targets.somewhere();
  const ssid = write.ssid ?? targets.someSsid();
  const bssid = macFrom(targets.seed, kind, targets.number());
  return {
    concerns: [bssid, ssid],
    apply: (draft, cause) => {
      const { band, channel, powerDbm } = write;
      const one = { kind, bssid, ssid, security: 'open' as const, band, channel, powerDbm, at, cause };
      draft.rogueAps = [...draft.rogueAps, one];
    },
  };
}
