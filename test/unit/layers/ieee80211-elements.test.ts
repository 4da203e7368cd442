import { describe, expect, it } from 'vitest';
import { dissect } from '../../../packets/dissect.ts';
import { Dissection } from '../../../packets/dissection.ts';
import { type Ieee80211Record, ieee80211 } from '../../../packets/layers/ieee80211.ts';
import type { ElementRecord } from '../../../packets/layers/ieee80211-element-record.ts';
import { LinkType } from '../../../packets/linktype.ts';
import { be16, cat, hex, le16 } from '../../support/build-frames.ts';
import { AP, beacon, element, extensionElement, OTHER } from '../../support/build-ieee80211.ts';
import { differences, type Getters, type Value } from '../../support/compare-with-tshark.ts';

const words = (text: string): Uint8Array => new TextEncoder().encode(text);
const compare = (elements: Uint8Array[], getters: Getters<Ieee80211Record>): Promise<string[]> =>
  differences(
    LinkType.ieee80211,
    elements.map((one) => beacon(one)),
    ieee80211,
    getters,
  );

/** What the decoded element of `id` has under a path of keys, of every such element in the frame. */
const pick = (record: ElementRecord, path: string): Value | Value[] => {
  let value: unknown = record.fields;
  for (const key of path.split('.')) {
    value = Array.isArray(value)
      ? value.flatMap((one: unknown) => (Reflect.get(Object(one), key) as Value[] | undefined) ?? [])
      : Reflect.get(Object(value), key);
  }
  return value as Value | Value[];
};
const field =
  (id: number, path: string, extension?: number) =>
  (r: Ieee80211Record): Value[] =>
    (r.management?.elements ?? [])
      .filter((one) => one.number === id && one.extension === extension && one.fields !== undefined)
      .flatMap((one) => pick(one, path))
      .filter((value) => value !== undefined);
const withoutColons = (value: Value): string => String(value).replaceAll(':', '');
const suiteType =
  (id: number, path: string) =>
  (r: Ieee80211Record): Value[] =>
    field(id, path)(r).map((suite) => Number(String(suite).split(':')[1]));

function recordsOf(...elements: Uint8Array[]): ElementRecord[] {
  const d = new Dissection();
  dissect(d, beacon(...elements), LinkType.ieee80211);
  return ieee80211.record(d, 0).management?.elements ?? [];
}
const fieldsOf = (one: Uint8Array): object | undefined => recordsOf(one)[0].fields;

describe('802.11 elements', () => {
  it('of the basic service set read as tshark reads them', async () => {
    const elements = [
      element(0, words('Campus')),
      element(3, [6]),
      element(5, hex('01 03 05 a0 01')),
      element(7, hex('444520 01 0d 14 24 08 17 c9 02 10')),
      element(11, hex('0500 80 1234')),
      element(32, [3]),
      element(33, hex('f6 15')),
      element(35, hex('12 fe')),
      element(36, hex('24 04 64 0b')),
      element(37, hex('01 24 05')),
      element(40, hex('01 02 1000 0a00')),
      element(42, [0x07]),
      element(56, hex('03 e8030000')),
      element(59, hex('51 53 54')),
      element(90, hex('2c01 01')),
      element(107, cat(hex('12 0801'), OTHER)),
      element(62, [3]),
      element(199, [0x12]),
      element(113, hex('01 01 00 01 00 02 09')),
      element(114, words('mesh-1')),
    ];
    expect(
      await compare(elements, {
        'wlan.ssid': (r) => field(0, 'ssid')(r).map((one) => Buffer.from(String(one)).toString('hex')),
        'wlan.ds.current_channel': field(3, 'currentChannel'),
        'wlan.tim.dtim_count': field(5, 'dtimCount'),
        'wlan.tim.dtim_period': field(5, 'dtimPeriod'),
        'wlan.tim.bmapctl.multicast': field(5, 'multicast'),
        'wlan.tim.bmapctl.offset': field(5, 'bitmapOffset'),
        'wlan.tim.partial_virtual_bitmap': field(5, 'bitmap'),
        'wlan.country_info.code': field(7, 'code'),
        'wlan.country_info.fnm.fcn': field(7, 'channels.first'),
        'wlan.country_info.fnm.nc': field(7, 'channels.count'),
        'wlan.country_info.fnm.mtpl': field(7, 'channels.maxTxPowerDbm'),
        'wlan.country_info.rrc.oei': field(7, 'operating.extensionId'),
        'wlan.country_info.rrc.oc': field(7, 'operating.operatingClass'),
        'wlan.country_info.rrc.cc': field(7, 'operating.coverageClass'),
        'wlan.qbss.scount': field(11, 'stationCount'),
        'wlan.qbss.cu': field(11, 'channelUtilization'),
        'wlan.qbss.adc': field(11, 'admissionCapacity'),
        'wlan.powercon.local': field(32, 'localDb'),
        'wlan.powercap.min': field(33, 'minDbm'),
        'wlan.powercap.max': field(33, 'maxDbm'),
        'wlan.tcprep.trsmt_pow': field(35, 'transmitPowerDbm'),
        'wlan.tcprep.link_mrg': field(35, 'linkMarginDb'),
        'wlan.supchan.first': field(36, 'ranges.first'),
        'wlan.supchan.range': field(36, 'ranges.count'),
        'wlan.csa.channel_switch_mode': field(37, 'mode'),
        'wlan.csa.new_channel_number': field(37, 'newChannel'),
        'wlan.csa.channel_switch.count': field(37, 'count'),
        'wlan.quiet.count': field(40, 'count'),
        'wlan.quiet.period': field(40, 'period'),
        'wlan.quiet.duration': field(40, 'duration'),
        'wlan.quiet.offset': field(40, 'offset'),
        'wlan.erp_info.erp_present': field(42, 'nonErpPresent'),
        'wlan.erp_info.use_protection': field(42, 'useProtection'),
        'wlan.erp_info.barker_preamble_mode': field(42, 'barkerPreamble'),
        'wlan.timeout_int.type': field(56, 'type'),
        'wlan.timeout_int.value': field(56, 'value'),
        'wlan.supopeclass.current': field(59, 'current'),
        'wlan.bss_max_idle.period': field(90, 'period'),
        'wlan.interworking.access_network_type': field(107, 'accessNetworkType'),
        'wlan.interworking.internet': field(107, 'internet'),
        'wlan.interworking.hessid': field(107, 'hessid'),
        'wlan.secchanoffset': field(62, 'secondaryOffset'),
        'wlan.operat_mode_field.channelwidth': field(199, 'channelWidth'),
        'wlan.mesh.config.ps_protocol': field(113, 'pathSelection'),
        'wlan.mesh.config.ps_metric': field(113, 'pathMetric'),
        'wlan.mesh.config.cap': field(113, 'capability'),
        'wlan.mesh.id': field(114, 'meshId'),
      }),
    ).toEqual([]);
  });

  it('of security read as tshark reads them', async () => {
    const elements = [
      element(48, hex('0100 000fac04 0200 000fac04 000fac02 0200 000fac01 000fac05 ec00')),
      // Version alone, and with PMKIDs and a group management cipher.
      element(48, hex('0100')),
      element(
        48,
        cat(hex('0100 000fac04 0100 000fac04 0100 000fac08 c000 0100'), new Uint8Array(16), hex('000fac06')),
      ),
      element(54, hex('3412 03')),
      element(
        55,
        cat(
          hex('0003'),
          new Uint8Array(16).fill(1),
          new Uint8Array(32).fill(2),
          new Uint8Array(32).fill(3),
          element(1, OTHER),
          element(3, words('nas1')),
        ),
      ),
      element(221, hex('0050f2 01 0100 0050f202 0100 0050f204 0100 0050f202')),
    ];
    expect(
      await compare(elements, {
        'wlan.rsn.version': field(48, 'version'),
        'wlan.rsn.gcs.type': suiteType(48, 'groupCipher'),
        'wlan.rsn.pcs.type': suiteType(48, 'pairwiseCiphers'),
        'wlan.rsn.akms.type': suiteType(48, 'akms'),
        'wlan.rsn.capabilities': field(48, 'capabilities'),
        'wlan.rsn.capabilities.mfpr': field(48, 'mfpRequired'),
        'wlan.rsn.capabilities.mfpc': field(48, 'mfpCapable'),
        'wlan.rsn.pmkid.count': field(48, 'pmkidCount'),
        'wlan.rsn.gmcs.type': suiteType(48, 'groupManagementCipher'),
        'wlan.mobility_domain.mdid': field(54, 'mdid'),
        'wlan.mobility_domain.ft_capab.ft_over_ds': field(54, 'ftOverDs'),
        'wlan.mobility_domain.ft_capab.resource_req': field(54, 'resourceRequest'),
        'wlan.ft.mic_control.element_count': field(55, 'elementCount'),
        'wlan.ft.mic': field(55, 'mic'),
        'wlan.ft.anonce': field(55, 'anonce'),
        'wlan.ft.snonce': field(55, 'snonce'),
        'wlan.ft.subelem.r1kh_id': (r) =>
          field(55, 'r1khId')(r).map((one) => String(one).replaceAll(':', '')),
        'wlan.ft.subelem.r0kh_id': field(55, 'r0khId'),
        'wlan.wfa.ie.wpa.version': field(221, 'wpa.version'),
        'wlan.wfa.ie.wpa.mcs.type': suiteType(221, 'wpa.groupCipher'),
        'wlan.wfa.ie.wpa.ucs.type': suiteType(221, 'wpa.pairwiseCiphers'),
        'wlan.wfa.ie.wpa.type': suiteType(221, 'wpa.akms'),
      }),
    ).toEqual([]);
  });

  it('of throughput read as tshark reads them', async () => {
    const elements = [
      element(45, cat(hex('ef09 1b'), hex('ffff00'), new Uint8Array(13), hex('0400 00000000 00'))),
      element(61, cat(hex('24 05 0500 0000'), new Uint8Array(16))),
      element(191, hex('b2798933 faff 0000 faff 0000')),
      element(192, hex('01 2a 32 fcff')),
      extensionElement(36, hex('f03f02 2a fcff 25 03 2f 00 06')),
      extensionElement(36, hex('f4ff00 85 fcff 01 2a 00 03')),
    ];
    expect(
      await compare(elements, {
        'wlan.ht.capabilities': field(45, 'info'),
        'wlan.ht.capabilities.width': field(45, 'channelWidth40'),
        'wlan.ht.capabilities.sm': field(45, 'smPowerSave'),
        'wlan.ht.capabilities.short40': field(45, 'shortGi40'),
        'wlan.ht.ampduparam': field(45, 'ampduParameters'),
        'wlan.htex.capabilities': field(45, 'extended'),
        'wlan.ht.info.primarychannel': field(61, 'primaryChannel'),
        'wlan.ht.info.secchanoffset': field(61, 'secondaryOffset'),
        'wlan.ht.info.chanwidth': field(61, 'channelWidthAny'),
        'wlan.ht.info.ht_protection': field(61, 'protection'),
        'wlan.ht.info.greenfield': field(61, 'nonGreenfieldPresent'),
        'wlan.vht.capabilities': field(191, 'info'),
        'wlan.vht.capabilities.supportedchanwidthset': field(191, 'channelWidthSet'),
        'wlan.vht.capabilities.short80': field(191, 'shortGi80'),
        'wlan.vht.capabilities.subeamformer': field(191, 'suBeamformer'),
        'wlan.vht.capabilities.mubeamformer': field(191, 'muBeamformer'),
        'wlan.vht.mcsset.rxmcsmap': field(191, 'rxMcsMap'),
        'wlan.vht.mcsset.txmcsmap': field(191, 'txMcsMap'),
        'wlan.vht.op.channelwidth': field(192, 'channelWidth'),
        'wlan.vht.op.channelcenter0': field(192, 'channelCenter0'),
        'wlan.vht.op.channelcenter1': field(192, 'channelCenter1'),
        'wlan.ext_tag.bss_color_information.bss_color': field(255, 'bssColor', 36),
        'wlan.ext_tag.bss_color_information.bss_color_disabled': field(255, 'bssColorDisabled', 36),
        'wlan.ext_tag.he_operation.basic_he_mcs_and_nss': field(255, 'basicMcsMap', 36),
        'wlan.ext_tag.he_operation.6ghz.primary_channel': field(255, 'sixGhz.primaryChannel', 36),
        'wlan.ext_tag.he_operation.6ghz.control.channel_width': field(255, 'sixGhz.channelWidth', 36),
        'wlan.ext_tag.he_operation.6ghz.chan_center_freq_seg_0': field(255, 'sixGhz.channelCenter0', 36),
        'wlan.ext_tag.he_operation.6ghz.minimum_rate': field(255, 'sixGhz.minimumRateMbps', 36),
        'wlan.ext_tag.he_operation.vht_op_info.channel_width': field(255, 'vht.channelWidth', 36),
      }),
    ).toEqual([]);
  });

  it('about neighbours read as tshark reads them', async () => {
    const subelements = cat(
      element(1, hex('0a00 6400')),
      element(2, words('DE')),
      element(3, [200]),
      element(4, hex('0102030405060708 0a00')),
    );
    const elements = [
      element(52, cat(OTHER, hex('f73c0000 51 06 07'), subelements)),
      // One neighbour with BSSID, short SSID and parameters (12 bytes), then two known by time alone.
      element(
        201,
        cat(le16(0x0c00), hex('83 25'), [10], OTHER, hex('78563412 4e'), le16(0x0110), hex('51 06 05 06')),
      ),
    ];
    expect(
      await compare(elements, {
        'wlan.nreport.bssid': field(52, 'bssid'),
        'wlan.nreport.bssid.info': field(52, 'info'),
        'wlan.nreport.bssid.info.reachability': field(52, 'reachability'),
        'wlan.nreport.bssid.info.security': field(52, 'security'),
        'wlan.nreport.bssid.info.keyscope': field(52, 'keyScope'),
        'wlan.nreport.bssid.info.capability.specmngt': field(52, 'spectrumManagement'),
        'wlan.nreport.bssid.info.capability.qos': field(52, 'qos'),
        'wlan.nreport.bssid.info.capability.apsd': field(52, 'apsd'),
        'wlan.nreport.bssid.info.capability.radiomsnt': field(52, 'radioMeasurement'),
        'wlan.nreport.bssid.info.mobilitydomain': field(52, 'mobilityDomain'),
        'wlan.nreport.bssid.info.hthroughput': field(52, 'highThroughput'),
        'wlan.nreport.bssid.info.vht': field(52, 'veryHighThroughput'),
        'wlan.nreport.bssid.info.ftm': field(52, 'fineTiming'),
        'wlan.nreport.bssid.info.he': field(52, 'highEfficiency'),
        'wlan.nreport.opeclass': field(52, 'operatingClass'),
        'wlan.nreport.channumber': field(52, 'channelNumber'),
        'wlan.nreport.phytype': field(52, 'phyType'),
        'wlan.nreport.subelem.country_code': field(52, 'condensedCountry'),
        'wlan.nreport.subelem.bss_trn_can_pref': field(52, 'preference'),
        'wlan.rnr.tbtt_info.tbtt_offset': field(201, 'neighbours.tbttOffset'),
        'wlan.rnr.tbtt_info.bssid': (r) => field(201, 'neighbours.bssid')(r).map(withoutColons),
        'wlan.rnr.tbtt_info.sh_ssid': field(201, 'neighbours.shortSsid'),
        'wlan.rnr.tbtt_info.bss_parameters': field(201, 'neighbours.bssParameters'),
      }),
    ).toEqual([]);
  });

  it('read the subelements of a neighbour report in the byte order of the standard', () => {
    // 9.2.2: least significant byte first. tshark 4.0 shows these the other way round.
    const report = element(
      52,
      cat(
        OTHER,
        hex('f73c0000 51 06 07'),
        element(1, hex('0a00 6400')),
        element(4, hex('0102030405060708 0a00')),
      ),
    );
    expect(fieldsOf(report)).toMatchObject({
      tsf: { offset: 10, beaconInterval: 100 },
      termination: { tsf: BigInt('0x0807060504030201').toString(), durationMinutes: 10 },
    });
  });

  it('of vendors read as tshark reads them', async () => {
    const attribute = (type: number, value: Uint8Array): Uint8Array =>
      cat(be16(type), be16(value.length), value);
    const wps = cat(
      hex('0050f2 04'),
      attribute(0x104a, hex('10')),
      attribute(0x1044, hex('02')),
      attribute(0x1021, words('Acme')),
      attribute(0x1023, words('Box')),
      attribute(0x1024, words('7')),
      attribute(0x1042, words('S1')),
      attribute(0x1011, words('kitchen')),
    );
    const elements = [
      element(221, hex('0050f2 02 01 01 80 00 03a40000 27a40000 42435e00 62322f00')),
      element(221, wps),
      element(221, cat(hex('506f9a 1c'), OTHER, [4], words('Open'))),
      element(221, hex('001122 09 0102')),
    ];
    expect(
      await compare(elements, {
        'wlan.wfa.ie.wme.subtype': field(221, 'wmm.subtype'),
        'wlan.wfa.ie.wme.version': field(221, 'wmm.version'),
        'wlan.wfa.ie.wme.acp.aci': field(221, 'wmm.parameters.aci'),
        'wlan.wfa.ie.wme.acp.aifsn': field(221, 'wmm.parameters.aifsn'),
        'wlan.wfa.ie.wme.acp.ecw.min': field(221, 'wmm.parameters.ecwMin'),
        'wlan.wfa.ie.wme.acp.ecw.max': field(221, 'wmm.parameters.ecwMax'),
        'wlan.wfa.ie.wme.acp.txop_limit': field(221, 'wmm.parameters.txop'),
        'wps.version': field(221, 'wps.version'),
        'wps.wifi_protected_setup_state': field(221, 'wps.state'),
        'wps.manufacturer': field(221, 'wps.manufacturer'),
        'wps.model_name': field(221, 'wps.modelName'),
        'wps.model_number': field(221, 'wps.modelNumber'),
        'wps.serial_number': field(221, 'wps.serialNumber'),
        'wps.device_name': field(221, 'wps.deviceName'),
        'wlan.wfa.ie.owe.bssid': field(221, 'oweTransition.bssid'),
        'wlan.wfa.ie.owe.ssid': field(221, 'oweTransition.ssid'),
        'wlan.tag.vendor.data': (r) => field(221, 'data')(r).map((data) => `09${data}`),
      }),
    ).toEqual([]);
  });

  it('list rates apart from membership selectors', () => {
    // IEEE 802.11-2020 9.4.2.3: basic rates have the top bit set, selectors too (127 is HT, 123 SAE H2E).
    expect(fieldsOf(element(1, hex('82 84 0b 16 ff fb')))).toEqual({
      rates: [1, 2, 5.5, 11],
      basicRates: [1, 2],
      selectors: [127, 123],
    });
  });

  it('name the capabilities that stations are asked about', () => {
    // Bits 19, 22, 31 and 62 of table 9-153.
    expect(fieldsOf(element(127, hex('00 00 48 80 00 00 00 40')))).toEqual({
      bits: [19, 22, 31, 62],
      bssTransition: true,
      multipleBssid: true,
      interworking: true,
      operatingModeNotification: true,
    });
    expect(fieldsOf(element(244, hex('20')))).toMatchObject({ saeHashToElement: true, saePk: false });
    expect(fieldsOf(element(70, hex('73 00 00 00 00')))).toMatchObject({
      neighbourReport: true,
      beaconTable: true,
    });
  });

  it('describe the other networks of one radio', () => {
    const profile = element(0, cat(element(83, hex('1104')), element(0, words('Guest')), element(85, [1])));
    expect(fieldsOf(element(71, cat([3], profile)))).toEqual({
      maxIndicator: 3,
      profiles: [{ capabilities: 0x0411, ssid: 'Guest', index: 1 }],
    });
  });

  it('describe 802.11ax and 802.11be', () => {
    // Vectors from 802.11ax-2021 9.4.2.248 and IEEE 802.11be 9.4.2.311 to 313: tshark 4.0 does not know the latter.
    const he = cat(new Uint8Array(6), [0x0c], new Uint8Array(10), hex('faff faff fcff fcff'));
    expect(fieldsOf(extensionElement(35, he))).toMatchObject({
      width40In24: false,
      width80: true,
      width160: true,
      rxStreams: 2,
      txStreams: 2,
      rest: 'fcfffcff',
    });
    expect(fieldsOf(extensionElement(106, hex('03 44444444 04 1f 2f 0300')))).toMatchObject({
      channelWidth: 4,
      channelCenter0: 31,
      channelCenter1: 47,
      disabledSubchannels: 3,
    });
    expect(
      fieldsOf(extensionElement(108, cat(hex('0000 02'), new Uint8Array(8), hex('4444 44')))),
    ).toMatchObject({
      width320In6Ghz: true,
      rest: '444444',
    });
    // Basic variant: link id, change count, EML and MLD capabilities; one complete profile with a MAC address.
    const common = cat([13], AP, hex('01 07 0000 2100'));
    const link = element(0, cat(hex('3200'), [7], OTHER));
    expect(fieldsOf(extensionElement(107, cat(hex('b001'), common, link)))).toEqual({
      type: 0,
      presence: 0x1b,
      mldMac: '02:00:00:00:00:01',
      linkId: 1,
      bssParametersChangeCount: 7,
      emlCapabilities: 0,
      mldCapabilities: 0x21,
      links: [{ linkId: 2, complete: true, staMac: '02:00:00:00:00:03' }],
    });
  });

  it('that are shorter than their fields are marked and kept as bytes', () => {
    expect(recordsOf(element(61, hex('24 05')), element(3, [6]))).toEqual([
      { number: 61, length: 2, malformed: true, data: '2405' },
      { number: 3, length: 1, fields: { currentChannel: 6 } },
    ]);
    const d = new Dissection();
    dissect(d, beacon(element(61, hex('24 05'))), LinkType.ieee80211);
    expect(d.fault).toMatchObject({ kind: 'truncated', offset: 24 + 12 + 2, needed: 22, available: 2 });
    expect(fieldsOf(element(48, hex('0100 000fac04 0500 000fac04')))).toMatchObject({
      pairwiseCiphers: ['00-0f-ac:4'],
      malformed: true,
    });
  });
});
