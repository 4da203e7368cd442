import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dissect } from '../../../packets/dissect.ts';
import { Dissection } from '../../../packets/dissection.ts';
import { findTlv, LldpTlv, lldp } from '../../../packets/layers/lldp.ts';
import type { LldpRecord } from '../../../packets/layers/lldp-record.ts';
import { LinkType } from '../../../packets/linktype.ts';
import { Proto } from '../../../packets/protocols.ts';
import { be16, cat, ethernetFrame, hex } from '../../support/build-frames.ts';
import { framesOf } from '../../support/captures.ts';
import { differences, type Getters } from '../../support/compare-with-tshark.ts';

const words = (text: string): Uint8Array => new TextEncoder().encode(text);
const tlv = (type: number, value: Uint8Array | readonly number[]): Uint8Array =>
  cat(be16((type << 9) | value.length), value);
const organisational = (oui: string, subtype: number, value: Uint8Array | readonly number[]): Uint8Array =>
  tlv(127, cat(hex(oui), [subtype], value));
const mandatory = cat(tlv(1, hex('04 001122334455')), tlv(2, cat([5], words('ge-0/0/1'))), tlv(3, be16(120)));
const lldpFrame = (...tlvs: Uint8Array[]): Uint8Array =>
  ethernetFrame(0x88cc, cat(mandatory, ...tlvs, tlv(0, hex(''))), hex('0180c200000e'));

const CAPTURES = 'fixtures/captures';
const SEEDS = `${CAPTURES}/lldpd/tests/fuzzing_seed_corpus/fuzz_lldp_seed_corpus`;
const recorded = [
  'tcpdump/tests/LLDP_and_CDP.pcap',
  'tcpdump/tests/lldp_mudurl.pcap',
  'tcpdump/tests/lldp-app-priority.pcap',
  'lldpd/tests/integration/data/8023bt.pcap',
  'lldpd/tests/integration/data/sg200.pcap',
  'hil/lldp.pcap',
  'zeek/testing/btest/Traces/lldp.pcap',
]
  .flatMap((path) => framesOf(`${CAPTURES}/${path}`))
  .map((frame) => frame.bytes)
  .filter((bytes) => bytes[12] === 0x88 && bytes[13] === 0xcc)
  .concat([0, 1].map((seed) => Uint8Array.from(readFileSync(`${SEEDS}/lldp.${seed}.raw`))));

const made = [
  lldpFrame(
    organisational('0080c2', 1, be16(17)),
    organisational('0080c2', 2, hex('06 0022')),
    organisational('0080c2', 3, cat(be16(17), [5], words('voice'))),
    organisational('0080c2', 4, hex('03 88cc01')),
    organisational('0080c2', 11, hex('84 0f')),
  ),
  lldpFrame(
    organisational('00120f', 1, hex('03 6c01 001e')),
    organisational('00120f', 2, hex('07 01 05 52 0082 0078')),
    organisational('00120f', 3, hex('03 00000007')),
    organisational('00120f', 4, be16(9216)),
    organisational('00120f', 5, hex('0011 0012 0013 0014 0015')),
  ),
  lldpFrame(
    organisational('0012bb', 1, hex('003f 03')),
    organisational('0012bb', 2, hex('01 40 c9 6e')),
    organisational('0012bb', 2, hex('02 80 00 00')),
    organisational('0012bb', 4, hex('13 0040')),
    ...['hw1', 'fw2', 'sw3', 'sn4', 'mf5', 'md6', 'as7'].map((text, k) =>
      organisational('0012bb', 5 + k, words(text)),
    ),
  ),
  lldpFrame(
    organisational(
      '0012bb',
      3,
      cat([2, 18, 2], words('DE'), [1, 2], words('BE'), [6, 9], words('Unter 77a')),
    ),
  ),
  lldpFrame(organisational('0012bb', 3, cat([3], words('4930123456')))),
];

/** As the wire and tshark have it. */
const tenths = (watts: number | undefined): number | undefined =>
  watts === undefined ? undefined : Math.round(10 * watts);

describe('LLDP', () => {
  const compare = (frames: readonly Uint8Array[], getters: Getters<LldpRecord>): Promise<string[]> =>
    differences(LinkType.ethernet, frames, lldp, getters);

  it('recorded from real devices reads as tshark reads it', async () => {
    const mac = (id: { id: string } | undefined): string | undefined =>
      /^(..:){5}..$/.test(id?.id ?? '') ? id?.id : undefined;
    expect(
      await compare(recorded, {
        'lldp.chassis.subtype': (r) => r.chassis?.subtype,
        'lldp.chassis.id.mac': (r) => mac(r.chassis),
        'lldp.port.subtype': (r) => r.port?.subtype,
        'lldp.port.id.mac': (r) => mac(r.port),
        'lldp.time_to_live': (r) => r.timeToLive,
        'lldp.port.desc': (r) => r.portDescription,
        'lldp.tlv.system.name': (r) => r.systemName,
        'lldp.tlv.system_cap': (r) => r.capabilities,
        'lldp.tlv.enable_system_cap': (r) => r.enabledCapabilities,
        'lldp.mgn.addr.ip4': (r) => r.managementAddresses.filter((a) => a.family === 1).map((a) => a.address),
        'lldp.mgn.addr.ip6': (r) => r.managementAddresses.filter((a) => a.family === 2).map((a) => a.address),
        'lldp.mgn.interface.subtype': (r) => r.managementAddresses.map((a) => a.interfaceSubtype),
        'lldp.mgn.interface.number': (r) => r.managementAddresses.map((a) => a.interfaceNumber),
        'lldp.ieee.802_1.port_vlan.id': (r) => r.dot1.portVlan,
        'lldp.ieee.802_3.mac_phy_auto_neg_status': (r) => r.dot3.macPhy?.autoNegotiation,
        'lldp.ieee.802_3.pmd_mau_type': (r) => r.dot3.macPhy?.operationalMau,
        'lldp.ieee.802_3.max_frame_size': (r) => r.dot3.maxFrameSize,
        'lldp.ieee.802_3.mdi_power_support': (r) => r.dot3.power?.support,
        'lldp.ieee.802_3.mdi_pse_pair': (r) => r.dot3.power?.powerPair,
        'lldp.media.subtype.caps': (r) => r.med.capabilities,
        'lldp.media.subtype.class': (r) => r.med.deviceClass,
        'lldp.media.sn': (r) => r.med.serialNumber,
        'lldp.media.model': (r) => r.med.model,
      }),
    ).toEqual([]);
  });

  it('with every extension reads as tshark reads it', async () => {
    expect(
      await compare(made, {
        'lldp.ieee.802_1.port_vlan.id': (r) => r.dot1.portVlan,
        'lldp.ieee.802_1.port_proto_vlan.id': (r) => r.dot1.protocolVlans?.map((vlan) => vlan.id),
        'lldp.ieee.802_1.port_and_vlan_id_flag': (r) => r.dot1.protocolVlans?.map((vlan) => vlan.flags),
        'lldp.ieee.802_1.vlan.name': (r) => r.dot1.vlanNames?.map((vlan) => vlan.name),
        'lldp.ieee.802_1.proto.id': (r) => r.dot1.protocolIdentities,
        'lldp.dcbx.ieee.pfc.numtcs': (r) => r.dot1.priorityFlowControl?.classes,
        'lldp.ieee.802_3.mac_phy_auto_neg_status': (r) => r.dot3.macPhy?.autoNegotiation,
        'lldp.ieee.802_3.pmd_auto_neg_advertised_caps': (r) => r.dot3.macPhy?.advertised,
        'lldp.ieee.802_3.pmd_mau_type': (r) => r.dot3.macPhy?.operationalMau,
        'lldp.ieee.802_3.mdi_power_support': (r) => r.dot3.power?.support,
        'lldp.ieee.802_3.mdi_pse_pair': (r) => r.dot3.power?.powerPair,
        'lldp.ieee.802_3.mdi_power_class': (r) =>
          r.dot3.power === undefined ? undefined : r.dot3.power.powerClass + 1,
        'lldp.ieee.802_3.mdi_power_type': (r) => r.dot3.power?.type,
        'lldp.ieee.802_3.mdi_power_source': (r) => r.dot3.power?.source,
        'lldp.ieee.802_3.mdi_power_priority': (r) => r.dot3.power?.priority,
        'lldp.ieee.802_3.mdi_pde_requested': (r) => tenths(r.dot3.power?.pdRequestedW),
        'lldp.ieee.802_3.mdi_pse_allocated': (r) => tenths(r.dot3.power?.pseAllocatedW),
        'lldp.ieee.802_3.aggregated_port_id': (r) => r.dot3.linkAggregation?.portId,
        'lldp.ieee.802_3.aggregation_status.enabled': (r) => r.dot3.linkAggregation?.enabled,
        'lldp.ieee.802_3.max_frame_size': (r) => r.dot3.maxFrameSize,
        'lldp.ieee.802_3.eee.transmit': (r) => r.dot3.eee?.transmitUs,
        'lldp.ieee.802_3.eee.echo_receive': (r) => r.dot3.eee?.echoReceiveUs,
        'lldp.media.subtype.caps': (r) => r.med.capabilities,
        'lldp.media.subtype.class': (r) => r.med.deviceClass,
        'lldp.media.app_type': (r) => r.med.networkPolicies?.map((policy) => policy.application),
        'lldp.media.policy_flag': (r) => r.med.networkPolicies?.map((policy) => policy.unknown),
        'lldp.media.tag_flag': (r) => r.med.networkPolicies?.map((policy) => policy.tagged),
        'lldp.media.vlan_id': (r) => r.med.networkPolicies?.map((policy) => policy.vlan),
        'lldp.media.l2_prio': (r) => r.med.networkPolicies?.map((policy) => policy.priority),
        'lldp.media.dscp': (r) => r.med.networkPolicies?.map((policy) => policy.dscp),
        'lldp.media.power.type': (r) => r.med.extendedPower?.type,
        'lldp.media.power.source': (r) => r.med.extendedPower?.source,
        'lldp.media.power.prio': (r) => r.med.extendedPower?.priority,
        'lldp.media.power.value': (r) => tenths(r.med.extendedPower?.powerW),
        'lldp.media.hardware': (r) => r.med.hardwareRevision,
        'lldp.media.firmware': (r) => r.med.firmwareRevision,
        'lldp.media.software': (r) => r.med.softwareRevision,
        'lldp.media.sn': (r) => r.med.serialNumber,
        'lldp.media.manufacturer': (r) => r.med.manufacturer,
        'lldp.media.model': (r) => r.med.model,
        'lldp.media.asset': (r) => r.med.assetId,
        'lldp.media.loc.data_format': (r) => r.med.locations?.map((location) => location.format),
        'lldp.media.civic.country': (r) => r.med.locations?.map((location) => location.civic?.country),
        'lldp.media.civic.type': (r) => r.med.locations?.flatMap((l) => l.civic?.elements.map((e) => e.type)),
        'lldp.media.civic.value': (r) =>
          r.med.locations?.flatMap((l) => l.civic?.elements.map((e) => e.value)),
        'lldp.media.ecs': (r) => r.med.locations?.map((location) => location.elin),
      }),
    ).toEqual([]);
  });

  const recordOf = (frame: Uint8Array): LldpRecord => {
    const d = new Dissection();
    dissect(d, frame, LinkType.ethernet);
    return lldp.record(d, d.find(Proto.lldp));
  };

  it('reads power by the bt extension as tshark reads it', async () => {
    const frames = framesOf(`${CAPTURES}/lldpd/tests/integration/data/8023bt.pcap`).map(
      (frame) => frame.bytes,
    );
    const bt = (r: LldpRecord) => r.dot3.power?.bt;
    expect(
      await compare(frames, {
        'lldp.ieee.802_3.mdi_pde_requested': (r) => tenths(r.dot3.power?.pdRequestedW),
        'lldp.ieee.802_3.bt_ds_pd_requested_power_value_mode_a': (r) => tenths(bt(r)?.pdRequestedModeAW),
        'lldp.ieee.802_3.bt_ds_pd_requested_power_value_mode_b': (r) => tenths(bt(r)?.pdRequestedModeBW),
        'lldp.ieee.802_3.bt_ds_pse_allocated_power_value_alt_a': (r) =>
          tenths(bt(r)?.pseAllocatedAlternativeAW),
        'lldp.ieee.802_3.bt_ds_pse_allocated_power_value_alt_b': (r) =>
          tenths(bt(r)?.pseAllocatedAlternativeBW),
        'lldp.ieee.802_3.bt_power_status': (r) => bt(r)?.powerStatus,
        'lldp.ieee.802_3.bt_system_setup': (r) => bt(r)?.systemSetup,
        'lldp.ieee.802_3.bt_pse_maximum_available_power_value': (r) => tenths(bt(r)?.pseMaximumAvailableW),
        'lldp.ieee.802_3.bt_autoclass': (r) => bt(r)?.autoclass,
        'lldp.ieee.802_3.bt_power_down': (r) => bt(r)?.powerDown,
      }),
    ).toEqual([]);
  });

  it('reads coordinates', () => {
    // RFC 6225 clause 2.2: 34 bits with 25 of fraction, two's complement; altitude 22.8 in metres.
    const latitude = BigInt.asUintN(34, BigInt(-33.5 * 2 ** 25));
    const longitude = BigInt(151.25 * 2 ** 25);
    const packed =
      (((34n << 34n) | latitude) << 88n) |
      (((34n << 34n) | longitude) << 48n) |
      (((1n << 36n) | (30n << 30n) | BigInt(50.5 * 256)) << 8n) |
      1n;
    const lci = hex(packed.toString(16).padStart(32, '0'));
    const location = recordOf(lldpFrame(organisational('0012bb', 3, cat([1], lci)))).med.locations?.[0];
    expect(location?.coordinate).toEqual({
      latitude: -33.5,
      latitudeResolution: 34,
      longitude: 151.25,
      longitudeResolution: 34,
      altitudeType: 1,
      altitude: 50.5,
      altitudeResolution: 30,
      datum: 1,
    });
  });

  it('keeps what no one knows', () => {
    const record = recordOf(lldpFrame(organisational('001122', 9, hex('0102')), tlv(99, hex('aa'))));
    expect(record.organisational).toEqual([{ oui: '00-11-22', subtype: 9, data: '0102' }]);
    expect(record.unknown).toEqual([{ type: 99, data: 'aa' }]);
  });

  it('reads the URL of a usage description', () => {
    const [frame] = framesOf(`${CAPTURES}/tcpdump/tests/lldp_mudurl.pcap`);
    expect(recordOf(frame.bytes).mudUrl).toMatch(/^https:\/\/[!-~]+$/);
  });

  it('ends at the End TLV and keeps the TLVs before a broken one', () => {
    const d = new Dissection();
    const whole = lldpFrame(tlv(5, words('sw1')));
    dissect(d, cat(whole, new Uint8Array(30).fill(0x41)), LinkType.ethernet);
    expect(d.end[1]).toBe(whole.length);
    const broken = ethernetFrame(0x88cc, cat(mandatory, tlv(5, words('sw1')), be16((6 << 9) | 100), [1]));
    dissect(d, broken, LinkType.ethernet);
    expect(d.fault).toMatchObject({ kind: 'truncated', layer: 'lldp', needed: 102, available: 3 });
    expect(lldp.record(d, 1)).toMatchObject({ systemName: 'sw1', timeToLive: 120 });
  });

  it('marks what is shorter than its fields, and reads on', () => {
    const frame = lldpFrame(organisational('00120f', 1, hex('03')), tlv(5, words('sw1')));
    const record = recordOf(frame);
    const d = new Dissection();
    dissect(d, frame, LinkType.ethernet);
    expect(d.fault).toMatchObject({
      kind: 'truncated',
      offset: 16 + mandatory.length,
      needed: 9,
      available: 5,
    });
    expect(record.malformed).toEqual([{ type: 127, offset: 14 + mandatory.length }]);
    expect(record.systemName).toBe('sw1');
  });

  it('has a fault where a count inside lies', () => {
    const faults = [
      organisational('0080c2', 3, cat(be16(17), [9], words('voice'))),
      organisational('0080c2', 4, hex('05 88cc')),
      organisational('0012bb', 3, hex('02 20 02 4445')),
      organisational('0012bb', 3, hex('01 0102')),
      tlv(8, hex('05 01 0a010001 02 00000001 09')),
      organisational('001122', 3, hex('')),
    ].map((one) => {
      const d = new Dissection();
      dissect(d, lldpFrame(one), LinkType.ethernet);
      return d.fault === null ? 0 : d.fault.needed - d.fault.available;
    });
    expect(faults).toEqual([4, 3, 29, 14, 9, 0]);
  });

  it('reads what it can of a location that lies', () => {
    // A civic location of 2 bytes, which has no room for its country: tshark calls it too short as well.
    const [frame] = framesOf(`${CAPTURES}/lldpd/tests/integration/data/med-loc-malformed.pcap`);
    const d = new Dissection();
    dissect(d, frame.bytes, LinkType.ethernet);
    expect(d.fault).toMatchObject({ kind: 'truncated', layer: 'lldp' });
    const record = recordOf(frame.bytes);
    expect(record.systemName).toBe('defensics');
    expect(record.malformed.map(({ type }) => type)).toContain(127);
  });

  it('finds one TLV without reading them all', () => {
    const frame = lldpFrame(tlv(5, words('sw1')));
    const at = findTlv(frame, 14, frame.length, LldpTlv.systemName);
    expect(Buffer.from(frame.subarray(at + 2, at + 5)).toString()).toBe('sw1');
    expect(findTlv(frame, 14, frame.length, LldpTlv.portDescription)).toBe(-1);
  });
});
