import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dissect } from '../../../packets/dissect.ts';
import { Dissection } from '../../../packets/dissection.ts';
import { cdp } from '../../../packets/layers/cdp.ts';
import { edp } from '../../../packets/layers/edp.ts';
import { type LacpRecord, lacp } from '../../../packets/layers/lacp.ts';
import { type StpRecord, stp } from '../../../packets/layers/stp.ts';
import { Proto } from '../../../packets/protocols.ts';
import { be16, cat, ethernetFrame, hex } from '../../support/build-frames.ts';
import { differences } from '../../support/compare-with-tshark.ts';

const ETHERNET = 1;
const SEEDS = 'fixtures/captures/lldpd/tests/fuzzing_seed_corpus';
/** Frames with which lldpd's own fuzzers begin. */
const seeds = (name: string, ...numbers: number[]): Uint8Array[] =>
  numbers.map((n) => Uint8Array.from(readFileSync(`${SEEDS}/fuzz_${name}_seed_corpus/${name}.${n}.raw`)));
const bridge = (payload: Uint8Array): Uint8Array =>
  cat(hex('0180c2000000 001122334455'), be16(payload.length + 3), hex('424203'), payload);

// IEEE 802.1D-2004 9.3.1: a root of priority 0x8000, VLAN 1, cost 4, this bridge and port, times of 1, 20, 2, 15 s.
const configuration = hex(
  '0000 00 00 01 8001 00aabbccddee 00000004 9001 001122334455 8002 0100 1400 0200 0f00',
);
const topologyChange = hex('0000 00 80');
// 9.3.3, role designated, learning and forwarding, version 1 length 0.
const rapid = hex('0000 02 02 3c 8001 00aabbccddee 00000004 9001 001122334455 8002 0100 1400 0200 0f00 00');
// IEEE 802.1Q-2018 14.6: version 3 length 80 = 64 + one instance of 16.
const multiple = cat(
  hex('0000 03 02 7c 8000 00aabbccddee 00000004 8000 001122334455 8002 0100 1400 0200 0f00 00'),
  be16(80),
  [0],
  Buffer.from('campus'.padEnd(32, '\0')),
  hex('0007 ac36177f50283cd4b83821d8ab26de62 00000fa0 9000 001122334455 13'),
  hex('7c 800a 00aabbccddee 00004e20 80 80 12'),
);
// Cisco's per-VLAN BPDU: a rapid one, then type 0, length 2 and the VLAN.
const perVlan = cat(
  hex('01000ccccccd 001122334455'),
  be16(8 + 42),
  hex('aaaa03 00000c 010b'),
  hex('0000 02 02 3c 8064 00aabbccddee 00000004 8064 001122334455 8002 0100 1400 0200 0f00 00'),
  hex('0000 0002 0064'),
);

describe('spanning tree', () => {
  it('reads as tshark reads it', async () => {
    const frames = [bridge(configuration), bridge(topologyChange), bridge(rapid), bridge(multiple), perVlan];
    expect(
      await differences<StpRecord>(ETHERNET, frames, stp, {
        'stp.protocol': (r) => r.protocol,
        'stp.version': (r) => r.version,
        'stp.type': (r) => r.type,
        'stp.flags': (r) => r.flags,
        'stp.root.prio': (r) => r.root?.priority,
        'stp.root.ext': (r) => r.root?.extension,
        'stp.root.hw': (r) => r.root?.mac,
        'stp.root.cost': (r) => r.rootPathCost,
        'stp.bridge.hw': (r) => r.bridge?.mac,
        'stp.port': (r) => r.port,
        'stp.msg_age': (r) => r.messageAge,
        'stp.max_age': (r) => r.maxAge,
        'stp.hello': (r) => r.hello,
        'stp.forward': (r) => r.forward,
        'mstp.config_name': (r) => r.mst?.configName,
        'mstp.config_revision_level': (r) => r.mst?.revision,
        'mstp.config_digest': (r) => r.mst?.digest,
        'mstp.cist_internal_root_path_cost': (r) => r.mst?.internalRootPathCost,
        'mstp.cist_bridge.hw': (r) => r.mst?.bridge.mac,
        'mstp.cist_remaining_hops': (r) => r.mst?.remainingHops,
        'mstp.msti.root.hw': (r) => r.mst?.instances.map((one) => one.regionalRoot.mac),
        'mstp.msti.root_cost': (r) => r.mst?.instances.map((one) => one.rootPathCost),
        'mstp.msti.remaining_hops': (r) => r.mst?.instances.map((one) => one.remainingHops),
        'stp.pvst.origvlan': (r) => r.originatingVlan,
      }),
    ).toEqual([]);
  });
});

// IEEE 802.1AX-2014 6.4.2.3: actor and partner, collector, terminator, reserved.
const linkAggregation = cat(
  hex('01 01 01 14 8000 0011223344aa 0011 8000 0001 3d 000000'),
  hex('02 14 7fff 0011223344bb 0022 00ff 0007 3f 000000'),
  hex('03 10 0032'),
  new Uint8Array(12),
  hex('00 00'),
  new Uint8Array(50),
);
const marker = cat(hex('02 01 01 10 0007 0011223344aa 00010203 0000 00 00'), new Uint8Array(90));

describe('link aggregation', () => {
  it('reads as tshark reads it', async () => {
    const frames = [ethernetFrame(0x8809, linkAggregation)];
    expect(
      await differences<LacpRecord>(ETHERNET, frames, lacp, {
        'slow.subtype': (r) => r.subtype,
        'lacp.version': (r) => r.version,
        'lacp.actor.sys_priority': (r) => r.actor?.systemPriority,
        'lacp.actor.sysid': (r) => r.actor?.system,
        'lacp.actor.key': (r) => r.actor?.key,
        'lacp.actor.port_priority': (r) => r.actor?.portPriority,
        'lacp.actor.port': (r) => r.actor?.port,
        'lacp.actor.state': (r) => r.actor?.state,
        'lacp.partner.sys_priority': (r) => r.partner?.systemPriority,
        'lacp.partner.sysid': (r) => r.partner?.system,
        'lacp.partner.key': (r) => r.partner?.key,
        'lacp.partner.port': (r) => r.partner?.port,
        'lacp.partner.state': (r) => r.partner?.state,
        'lacp.collector.max_delay': (r) => r.collectorMaxDelay,
      }),
    ).toEqual([]);
  });

  it('reads a marker', async () => {
    expect(
      await differences<LacpRecord>(ETHERNET, [ethernetFrame(0x8809, marker)], lacp, {
        'slow.subtype': (r) => r.subtype,
        'marker.requesterPort': (r) => r.marker?.port,
        'marker.requesterSystem': (r) => r.marker?.system,
        'marker.requesterTransId': (r) => r.marker?.transactionId,
      }),
    ).toEqual([]);
  });
});

const tlv = (type: number, value: Uint8Array | readonly number[]): Uint8Array =>
  cat(be16(type), be16(value.length + 4), value);
const words = (text: string): Uint8Array => new TextEncoder().encode(text);
const neighbour = cat(
  hex('02 b4 0000'),
  tlv(1, words('sw1.example')),
  tlv(2, hex('00000002 0101cc0004 0a010001 0208aaaa0300000086dd0010 20010db8000000000000000000000001')),
  tlv(3, words('GigabitEthernet0/1')),
  tlv(4, hex('00000028')),
  tlv(5, words('Version 15.2')),
  tlv(6, words('model 7')),
  tlv(7, hex('0a010000 10 0a020000 18')),
  tlv(9, words('vtp')),
  tlv(0x0a, be16(17)),
  tlv(0x0b, hex('01')),
  tlv(0x0e, hex('01 0064')),
  tlv(0x10, be16(6300)),
  tlv(0x11, hex('000005dc')),
  tlv(0x12, hex('01')),
  tlv(0x13, hex('05')),
  tlv(0x14, words('sw1')),
  tlv(0x16, hex('00000001 0101cc0004 0a010002')),
  tlv(0x1a, hex('0001 0002 00003c28 ffffffff')),
);
const snapCisco = hex('aaaa03 00000c 2000');

describe('Cisco discovery', () => {
  it('reads as tshark reads it', async () => {
    const frame = cat(
      hex('01000ccccccc 001122334455'),
      be16(snapCisco.length + neighbour.length),
      snapCisco,
      neighbour,
    );
    expect(
      await differences(ETHERNET, [frame], cdp, {
        'cdp.version': (r) => r.version,
        'cdp.ttl': (r) => r.ttl,
        'cdp.deviceid': (r) => r.deviceId,
        'cdp.nrgyz.ip_address': (r) =>
          [...(r.addresses ?? []), ...(r.managementAddresses ?? [])].filter((a) => a.includes('.')),
        'cdp.portid': (r) => r.portId,
        'cdp.capabilities': (r) => r.capabilities,
        'cdp.software_version': (r) => r.softwareVersion,
        'cdp.platform': (r) => r.platform,
        'cdp.vtp_management_domain': (r) => r.vtpDomain,
        'cdp.native_vlan': (r) => r.nativeVlan,
        'cdp.duplex': (r) => r.fullDuplex,
        'cdp.voice_vlan': (r) => r.voiceVlan,
        'cdp.power_consumption': (r) => r.powerConsumptionMw,
        'cdp.mtu': (r) => r.mtu,
        'cdp.trust_bitmap': (r) => r.trust,
        'cdp.untrusted_port_cos': (r) => r.untrustedCos,
        'cdp.system_name': (r) => r.systemName,
        'cdp.power_available': (r) => r.powerAvailableMw,
      }),
    ).toEqual([]);
  });

  it("of lldpd's seeds reads as tshark reads it", async () => {
    expect(
      await differences(ETHERNET, seeds('cdp', 0, 1, 2, 3), cdp, {
        'cdp.version': (r) => r.version,
        'cdp.ttl': (r) => r.ttl,
        'cdp.deviceid': (r) => r.deviceId,
        'cdp.portid': (r) => r.portId,
        'cdp.capabilities': (r) => r.capabilities,
        'cdp.platform': (r) => r.platform,
      }),
    ).toEqual([]);
  });

  it('stops at a TLV that would not advance and keeps those before it', () => {
    const lying = cat(hex('02 b4 0000'), tlv(1, words('sw1')), hex('0003 0000 4141'));
    const frame = cat(hex('01000ccccccc 001122334455'), be16(8 + lying.length), snapCisco, lying);
    const d = new Dissection();
    dissect(d, frame, ETHERNET);
    const i = d.find(Proto.cdp);
    expect(cdp.record(d, i).deviceId).toBe('sw1');
    expect(d.fault).toMatchObject({ kind: 'malformed', layer: 'cdp', offset: 14 + 8 + 4 + 7 + 2 });
  });
});

describe('Extreme discovery', () => {
  it("of lldpd's seeds reads as tshark reads it", async () => {
    expect(
      await differences(ETHERNET, seeds('edp', 0, 1, 2, 3, 4), edp, {
        'edp.version': (r) => r.version,
        'edp.length': (r) => r.length,
        'edp.seqno': (r) => r.sequence,
        'edp.midtype': (r) => r.idType,
        'edp.midmac': (r) => r.id,
        'edp.display.string': (r) => r.displayName,
        'edp.info.slot': (r) => r.slot,
        'edp.info.port': (r) => r.port,
        'edp.vlan.id': (r) => r.vlans.map((vlan) => vlan.id),
        'edp.vlan.ip': (r) => r.vlans.map((vlan) => vlan.address),
        'edp.vlan.name': (r) => r.vlans.map((vlan) => vlan.name),
      }),
    ).toEqual([]);
  });
});
