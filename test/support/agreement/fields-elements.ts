import { type Ieee80211Record, ieee80211 } from '../../../packets/layers/ieee80211.ts';
import { type Field, number, type Protocol, readings, recordsOf, text, type Value } from './protocol.ts';

/** What the elements of `id` have under a path of keys, in order; lists are taken one by one. */
const of =
  (id: number, path: string, extension?: number) =>
  (r: Ieee80211Record): Value[] =>
    (r.management?.elements ?? [])
      .filter((one) => one.number === id && one.extension === extension && one.fields !== undefined)
      .flatMap((one) => path.split('.').reduce<unknown[]>(within, [one.fields]))
      .filter((value): value is Value => value !== undefined);

const within = (values: unknown[], key: string): unknown[] =>
  values.flatMap((value) => (value === undefined ? [] : (Reflect.get(Object(value), key) as unknown)));

const numbers = (name: string, id: number, path: string, extension?: number) =>
  number(name, (r: Ieee80211Record) => of(id, path, extension)(r).map(Number));

/** Counted in the frames that have one of its fields, not in all of 802.11. */
const part = (name: string, fields: readonly Field<Ieee80211Record>[]): Protocol =>
  readings(
    name,
    'ieee80211',
    fields,
    () => false,
    (d) => recordsOf(ieee80211, d),
  );

export const ELEMENTS: readonly Protocol[] = [
  part('802.11 country', [
    text('wlan.country_info.code', of(7, 'code')),
    numbers('wlan.country_info.fnm.fcn', 7, 'channels.first'),
    numbers('wlan.country_info.fnm.nc', 7, 'channels.count'),
    numbers('wlan.country_info.fnm.mtpl', 7, 'channels.maxTxPowerDbm'),
  ]),
  part('802.11 mobility domain and neighbours', [
    numbers('wlan.mobility_domain.mdid', 54, 'mdid'),
    numbers('wlan.mobility_domain.ft_capab.ft_over_ds', 54, 'ftOverDs'),
    numbers('wlan.mobility_domain.ft_capab.resource_req', 54, 'resourceRequest'),
    text('wlan.nreport.bssid', of(52, 'bssid')),
    numbers('wlan.nreport.bssid.info', 52, 'info'),
    numbers('wlan.nreport.opeclass', 52, 'operatingClass'),
    numbers('wlan.nreport.channumber', 52, 'channelNumber'),
    numbers('wlan.nreport.phytype', 52, 'phyType'),
    numbers('wlan.rnr.tbtt_info.tbtt_offset', 201, 'neighbours.tbttOffset'),
    numbers('wlan.rnr.tbtt_info.sh_ssid', 201, 'neighbours.shortSsid'),
    numbers('wlan.rnr.tbtt_info.bss_parameters', 201, 'neighbours.bssParameters'),
  ]),
  part('802.11 HT, VHT and HE', [
    numbers('wlan.ht.capabilities.width', 45, 'channelWidth40'),
    numbers('wlan.ht.ampduparam', 45, 'ampduParameters'),
    numbers('wlan.ht.info.secchanoffset', 61, 'secondaryOffset'),
    numbers('wlan.vht.capabilities', 191, 'info'),
    numbers('wlan.vht.mcsset.rxmcsmap', 191, 'rxMcsMap'),
    numbers('wlan.vht.op.channelwidth', 192, 'channelWidth'),
    numbers('wlan.vht.op.channelcenter0', 192, 'channelCenter0'),
    numbers('wlan.ext_tag.bss_color_information.bss_color', 255, 'bssColor', 36),
    numbers('wlan.ext_tag.he_operation.basic_he_mcs_and_nss', 255, 'basicMcsMap', 36),
    numbers('wlan.ext_tag.he_operation.6ghz.primary_channel', 255, 'sixGhz.primaryChannel', 36),
    numbers('wlan.ext_tag.he_operation.6ghz.control.channel_width', 255, 'sixGhz.channelWidth', 36),
  ]),
  part('802.11 A-MSDU', [
    number('wlan_aggregate.a_mdsu.length', (r) =>
      Array<number>(r.amsdu?.subframes ?? 0).fill(r.amsdu?.length ?? 0),
    ),
  ]),
  part('802.11 mesh', [
    number('wlan.fixed.mesh_flags', (r) => r.mesh?.flags),
    number('wlan.fixed.mesh_ttl', (r) => r.mesh?.ttl),
    number('wlan.fixed.mesh_sequence', (r) => r.mesh?.seq),
    numbers('wlan.mesh.config.ps_protocol', 113, 'pathSelection'),
  ]),
];
