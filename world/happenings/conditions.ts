/** What is wrong at one instant, as plain data. An undisturbed site has `UNDISTURBED`. */
import type { Band, Place, Security } from '../site/model.ts';

/** A server that does not do as it should, and how much later it answers when it does. */
export interface ServiceState<Answer extends string> {
  answer: 'normal' | Answer;
  delayMs: number;
}

export interface RogueAp {
  /** `rogue`: a network of its own on the site's wire. `evil-twin`: the site's SSID, not on its wire. */
  kind: 'rogue' | 'evil-twin';
  bssid: string;
  ssid: string;
  security: Security;
  band: Band;
  channel: number;
  powerDbm: number;
  at: Place;
  /** Id of the happening. */
  cause: string;
}

export interface Interference {
  at: Place;
  band: Band;
  channels: number[];
  /** Share of the time that the channel is taken, 0 to 1. */
  duty: number;
  /** dBm, isotropic. */
  powerDbm: number;
  cause: string;
}

export interface DeauthFlood {
  /** The address it pretends to be. */
  bssid: string;
  framesPerS: number;
  powerDbm: number;
  at: Place;
  cause: string;
}

export type OsBugEffect =
  /** Takes no address: discovers, is offered one, never requests it. */
  | 'ignores-offers'
  /** Answers message 1 of the 4-way handshake with a wrong MIC. */
  | 'wrong-mic'
  /** Leaves after `everyMs` and comes back. */
  | 'disconnects'
  /** Never leaves the access point that it is on. */
  | 'never-roams';

export interface OsBug {
  os: string;
  /** Versions that begin with it; empty for all. */
  osVersion: string;
  /** Id of the one being that has it; absent for all of this system. */
  being?: string;
  effect: OsBugEffect;
  everyMs: number;
  cause: string;
}

export interface Conditions {
  dhcp: ServiceState<'silent' | 'exhausted'>;
  /** `users`: whom a rejection concerns; null for everybody. */
  radius: ServiceState<'silent' | 'reject'> & { users: string[] | null };
  dns: ServiceState<'silent' | 'servfail'>;
  /** VLANs whose gateway does not answer. */
  gatewaysGone: number[];
  /** Ids of access points without power, restarting, or cut off; their radios are silent. */
  accessPointsDown: string[];
  /** Access points whose radios send though the wire is dead. */
  uplinksDown: string[];
  switchesDown: string[];
  radiosDown: { accessPoint: string; band: Band }[];
  /** Radar was heard: the radio is on this channel instead. */
  channels: { accessPoint: string; band: Band; channel: number }[];
  portsDown: { switch: string; port: string }[];
  /** Errors a thousand frames that a bad cable causes. */
  cableFaults: { switch: string; port: string; errorsPerMille: number }[];
  vlans: { switch: string; port: string; vlan: number }[];
  /** Two ports joined by a cable that spanning tree does not block. */
  loops: { switch: string; ports: [string, string] }[];
  /** Somebody with `mac` claims an address that is another's. */
  duplicateIps: { ipv4: string; mac: string; vlan: number }[];
  rogueAps: RogueAp[];
  interference: Interference[];
  deauthFloods: DeauthFlood[];
  /** How many times as many visitors as usual. */
  crowdFactor: number;
  osBugs: OsBug[];
  /** Ids of the happenings in force: the causes of whatever goes wrong now. */
  causes: string[];
  /** Which of them changed what. */
  blame: Partial<Record<BlamedField, string[]>>;
}

export type BlamedField = Exclude<keyof Conditions, 'causes' | 'blame'>;

/** Ids of the happenings that changed any of these, in order of the fields, each once. */
export function blamed({ blame }: Conditions, fields: readonly BlamedField[]): string[] {
  return [...new Set(fields.flatMap((field) => blame[field] ?? []))];
}

export const UNDISTURBED: Conditions = {
  dhcp: { answer: 'normal', delayMs: 0 },
  radius: { answer: 'normal', delayMs: 0, users: null },
  dns: { answer: 'normal', delayMs: 0 },
  gatewaysGone: [],
  accessPointsDown: [],
  uplinksDown: [],
  switchesDown: [],
  radiosDown: [],
  channels: [],
  portsDown: [],
  cableFaults: [],
  vlans: [],
  loops: [],
  duplicateIps: [],
  rogueAps: [],
  interference: [],
  deauthFloods: [],
  crowdFactor: 1,
  osBugs: [],
  causes: [],
  blame: {},
};
