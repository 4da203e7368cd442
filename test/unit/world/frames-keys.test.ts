/** Keys and ciphers of WPA against other people's implementations: aircrack-ng, tshark's decryption, RFC vectors. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { macText } from '../../../packets/bytes.ts';
import { World, type WorldFrame } from '../../../world/engine/world.ts';
import { eapolMic, pairwiseKeys, pskOf, wrapKey } from '../../../world/frames/wpa-keys.ts';
import { UNDISTURBED } from '../../../world/happenings/conditions.ts';
import type { Security } from '../../../world/site/model.ts';
import { pcapBytes } from '../../support/frame-file.ts';
import { BASE, castOf, MINUTE_MS, PASSPHRASE, START_MS, smallOffice } from '../../support/world-cast.ts';

const dir = mkdtempSync(join(tmpdir(), 'airherd-keys-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const unhex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));

/** A phone that joins a network of this kind, as the first access point hears it; without radiotap and FCS. */
function joining(security: Security, isWrong = false) {
  const site = smallOffice([{ name: 'home', vlan: 10, security, passphrase: PASSPHRASE }]);
  const being = { ...BASE, wifi: { ...(BASE.wifi as NonNullable<typeof BASE.wifi>), ssid: 'home' } };
  const acts = {
    'phone-0': [{ kind: 'join' as const, tMs: START_MS + 1000, accessPoint: 0, band: '5' as const }],
  };
  const bug = { os: 'iOS', osVersion: '', effect: 'wrong-mic' as const, everyMs: 0, cause: 'test' };
  const conditions = { ...UNDISTURBED, osBugs: isWrong ? [bug] : [] };
  const world = new World(site, castOf([being], acts), {
    beaconsOneIn: 10,
    fcs: false,
    conditionsAt: () => conditions,
  });
  const steps = [...world.run(START_MS, START_MS + MINUTE_MS, 'ap0')];
  const frames = steps.filter((step): step is WorldFrame => step.type === 'frame' && step.interface === '5');
  return {
    steps,
    bssid: site.accessPoints[0].radios[1].bssids[0],
    path: written(frames, `${security}${isWrong}`),
  };
}

function written(frames: readonly WorldFrame[], name: string): string {
  const path = join(dir, `${name}.pcap`);
  writeFileSync(
    path,
    pcapBytes(
      127,
      frames.map(({ bytes }) => bytes),
    ),
  );
  return path;
}

/** What tshark reads once it has been given the passphrase. */
function decrypted(path: string, filter: string, ...fields: string[]): string[] {
  const key = `uat:80211_keys:"wpa-pwd","${PASSPHRASE}:home"`;
  const words = [
    '-n',
    '-r',
    path,
    '-o',
    'wlan.enable_decryption:TRUE',
    '-o',
    key,
    '-Y',
    filter,
    '-T',
    'fields',
  ];
  return execFileSync('tshark', [...words, ...fields.flatMap((field) => ['-e', field])], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
    .split('\n')
    .filter((line) => line !== '');
}

function aircrack(path: string, bssid: string, word: string): Promise<string> {
  const words = join(dir, 'words');
  writeFileSync(words, `${word}\n`);
  return new Promise((resolve) => {
    execFile('aircrack-ng', ['-q', '-w', words, '-b', bssid, path], (_, stdout) => resolve(stdout));
  });
}

describe('keys', () => {
  test('PSK: IEEE 802.11-2020 annex J.4.2, test vector 1', () => {
    expect(hex(pskOf('password', 'IEEE'))).toBe(
      'f42c6fc52df0ebef9ebb4b90b38a5f902e83fe1b135a70e23aed762e9710a12e',
    );
  });

  test('key wrap: RFC 3394 4.1', () => {
    const wrapped = wrapKey(
      unhex('000102030405060708090a0b0c0d0e0f'),
      unhex('00112233445566778899aabbccddeeff'),
    );
    expect(hex(wrapped)).toBe('1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5');
  });

  test.each([
    ['', 'bb1d6929e95937287fa37d129b756746'],
    ['6bc1bee22e409f96e93d7e117393172a', '070a16b46b4d4144f79bdd9dd04a287c'],
    [
      '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411',
      'dfa66747de9ae63030ca32611497c827',
    ],
  ])('AES-CMAC: RFC 4493 4 (%#)', (message, mic) => {
    const confirmation = unhex('2b7e151628aed2a6abf7158809cf4f3c');
    const keys = { confirmation, encryption: confirmation, temporal: confirmation, sha256: true };
    expect(hex(eapolMic(keys, unhex(message)))).toBe(mic);
  });

  test('both sides have the same keys whichever address is the lower', () => {
    const [a, b] = [unhex('020000000001'), unhex('020000000002')];
    const [n, m] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    const pmk = new Uint8Array(32).fill(3);
    const one = pairwiseKeys({ pmk, authenticator: a, supplicant: b, aNonce: n, sNonce: m }, false);
    const other = pairwiseKeys({ pmk, authenticator: b, supplicant: a, aNonce: m, sNonce: n }, false);
    expect(one).toEqual(other);
  });
});

describe('a WPA2-PSK network', () => {
  const good = joining('wpa2-psk');

  test("aircrack-ng finds the passphrase in the handshake's MICs, and no other", async () => {
    expect(await aircrack(good.path, good.bssid, PASSPHRASE)).toContain(`KEY FOUND! [ ${PASSPHRASE} ]`);
    expect(await aircrack(good.path, good.bssid, 'another passphrase')).not.toContain('KEY FOUND');
  });

  test('tshark decrypts what follows: DHCP with the name and address that the world knows', () => {
    const address = good.steps.flatMap((step) =>
      step.type === 'fact' && step.fact.type === 'address' ? [step.fact.ipv4] : [],
    );
    expect(address).toHaveLength(1);
    expect(decrypted(good.path, 'dhcp.option.dhcp == 5', 'dhcp.ip.your')).toEqual(address);
    expect(decrypted(good.path, 'dhcp.option.dhcp == 3', 'dhcp.option.hostname')).toEqual(['Alices-iPhone']);
    expect(decrypted(good.path, 'http.request', 'http.user_agent')).toEqual([BASE.userAgent]);
  });

  test('nothing of it can be read without the passphrase', () => {
    const clear = execFileSync('tshark', ['-n', '-r', good.path, '-Y', 'dhcp || arp || ip'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    expect(clear).toBe('');
  });

  test('with a wrong key, message 1 comes four times, no third follows, and the station is sent away', async () => {
    const wrong = joining('wpa2-psk', true);
    const facts = wrong.steps.flatMap((step) =>
      step.type === 'fact' && step.fact.type === 'join' ? [step.fact.outcome] : [],
    );
    expect(new Set(facts)).toEqual(new Set(['wrong-key']));
    const messages = decrypted(wrong.path, 'eapol.keydes.type', 'wlan_rsna_eapol.keydes.msgnr');
    expect(messages.slice(0, 8)).toEqual(['1', '2', '1', '2', '1', '2', '1', '2']);
    expect(messages).not.toContain('3');
    expect(decrypted(wrong.path, 'wlan.fc.type_subtype == 12', 'wlan.fixed.reason_code')[0]).toBe('0x000f');
    expect(await aircrack(wrong.path, wrong.bssid, PASSPHRASE)).not.toContain('KEY FOUND');
  });
});

describe('other networks', () => {
  test('WPA3: SAE commits and confirms, then four messages of an AKM with MICs by AES-CMAC', () => {
    const { path } = joining('wpa3-sae');
    expect(decrypted(path, 'wlan.fixed.auth.alg == 3', 'wlan.fixed.sae_message_type')).toEqual([
      '1',
      '1',
      '2',
      '2',
    ]);
    expect(
      decrypted(
        path,
        'eapol.keydes.type',
        'wlan_rsna_eapol.keydes.msgnr',
        'wlan_rsna_eapol.keydes.key_info.keydes_version',
      ),
    ).toEqual(['1\t0', '2\t0', '3\t0', '4\t0']);
  });

  test('WPA2-Enterprise: identity in the clear, a TLS tunnel, success, then the handshake', () => {
    const { path, steps } = joining('wpa2-enterprise');
    expect(decrypted(path, 'eap.identity', 'eap.identity')).toEqual(['alice@corp.example']);
    expect(decrypted(path, 'eap.code == 3', 'eap.code')).toEqual(['3']);
    expect(decrypted(path, 'eapol.keydes.type', 'wlan_rsna_eapol.keydes.msgnr')).toEqual([
      '1',
      '2',
      '3',
      '4',
    ]);
    const [joined] = steps.flatMap((step) =>
      step.type === 'fact' && step.fact.type === 'join' ? [step.fact] : [],
    );
    expect(joined).toMatchObject({
      userName: 'alice@corp.example',
      outcome: 'joined',
      mac: expect.stringMatching(/^.[26ae]:/),
    });
    expect(macText(unhex(joined.mac.replaceAll(':', '')), 0)).toBe(joined.mac);
  });
});
