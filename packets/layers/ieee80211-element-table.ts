import * as basic from './ieee80211-elements-basic.ts';
import * as he from './ieee80211-elements-he-eht.ts';
import * as ht from './ieee80211-elements-ht-vht.ts';
import * as neighbour from './ieee80211-elements-neighbour.ts';
import * as rsn from './ieee80211-elements-rsn.ts';
import { vendorElementOf } from './ieee80211-elements-vendor.ts';

/** Reads the body between `from` and `to`; undefined when it is shorter than its fixed part. */
export type ElementDecoder = (b: Uint8Array, from: number, to: number) => object | undefined;

/** By element id, IEEE 802.11-2020 table 9-92. */
export const ELEMENT_DECODERS: Readonly<Record<number, ElementDecoder>> = {
  0: basic.ssidOf,
  1: basic.ratesOf,
  3: basic.dsParameterOf,
  5: basic.timOf,
  7: basic.countryOf,
  11: basic.bssLoadOf,
  16: basic.challengeTextOf,
  32: basic.powerConstraintOf,
  33: basic.powerCapabilityOf,
  35: basic.tpcReportOf,
  36: basic.supportedChannelsOf,
  37: basic.channelSwitchOf,
  38: basic.measurementOf,
  39: basic.measurementOf,
  40: basic.quietOf,
  42: basic.erpOf,
  45: ht.htCapabilitiesOf,
  48: rsn.rsnOf,
  50: basic.ratesOf,
  52: neighbour.neighbourReportOf,
  54: rsn.mobilityDomainOf,
  55: rsn.fastBssTransitionOf,
  56: rsn.timeoutIntervalOf,
  59: basic.operatingClassesOf,
  60: basic.extendedChannelSwitchOf,
  61: ht.htOperationOf,
  62: ht.secondaryChannelOf,
  70: basic.rmCapabilitiesOf,
  71: neighbour.multipleBssidOf,
  76: basic.managementMicOf,
  90: basic.maxIdleOf,
  107: basic.interworkingOf,
  113: basic.meshConfigurationOf,
  114: basic.meshIdOf,
  127: basic.extendedCapabilitiesOf,
  191: ht.vhtCapabilitiesOf,
  192: ht.vhtOperationOf,
  194: ht.wideBandwidthSwitchOf,
  195: ht.transmitPowerEnvelopeOf,
  199: ht.operatingModeOf,
  201: neighbour.reducedNeighbourReportOf,
  221: vendorElementOf,
  244: rsn.rsnExtensionOf,
};

/** By extension id, for element 255. */
export const EXTENSION_DECODERS: Readonly<Record<number, ElementDecoder>> = {
  32: he.oweOf,
  35: he.heCapabilitiesOf,
  36: he.heOperationOf,
  38: he.muEdcaOf,
  39: he.spatialReuseOf,
  58: he.shortSsidsOf,
  59: he.sixGhzCapabilitiesOf,
  106: he.ehtOperationOf,
  107: he.multiLinkOf,
  108: he.ehtCapabilitiesOf,
};
