import type { Band, SitePathLoss } from '../site/model.ts';
import type { RadioEnvironment } from './link.ts';
import type { PathLossModel } from './path-loss.ts';

/** Parameters of indoor Wi-Fi by band; TGax path loss unless told, the spreads as measured on public data sets. */
export function wifiEnvironment(
  band: Band,
  pathLoss: SitePathLoss = { model: 'tgax-enterprise' },
): RadioEnvironment {
  return {
    pathLoss: modelOf(pathLoss, { '2.4': 2.44, '5': 5.5, '6': 6.2 }[band]),
    maxDistanceM: 300,
    shadowingSdDb: band === '2.4' ? 5 : 6,
    decorrelationM: 3.5,
    fading: { kind: 'normal', sdDb: 2.5 },
    receiverOffsetSdDb: 2,
    deviceOffsetSdDb: 3.5,
    bodyDb: 6,
    sensitivityDbm: -90,
  };
}

/** Bluetooth advertising at 0 dBm, 2.4 GHz. */
export function bleEnvironment(
  pathLoss: SitePathLoss = { model: 'log-distance', lossAt1mDb: 60, exponent: 2.6 },
): RadioEnvironment {
  return {
    pathLoss: modelOf(pathLoss, 2.44),
    maxDistanceM: 100,
    shadowingSdDb: 4.3,
    decorrelationM: 2.2,
    fading: { kind: 'ricean', kFactorDb: 5, redrawM: 0.25 },
    receiverOffsetSdDb: 1.5,
    deviceOffsetSdDb: 2,
    bodyDb: 5,
    sensitivityDbm: -95,
  };
}

function modelOf({ model, lossAt1mDb = 0, exponent = 0 }: SitePathLoss, frequencyGHz: number): PathLossModel {
  switch (model) {
    case 'log-distance':
      return { model, lossAt1mDb, exponent };
    case '3gpp-inh-office':
      return { model, frequencyGHz, lineOfSight: true };
    case '3gpp-inh-office-nlos':
      return { model: '3gpp-inh-office', frequencyGHz, lineOfSight: false };
    default:
      return { model, frequencyGHz };
  }
}
