import { expect, test } from 'vitest';
import { startLab } from '../../../testing/index.ts';

test('a client joins, gets an address and leaves, and the cloud knows', async () => {
  await using lab = await startLab({ seed: 7, aps: 2, switches: 1, clients: [{ id: 'phone', ssid: null }] });
  const phone = lab.client('phone');
  await phone.join('corp');
  await lab.expect.client(phone.mac).associated({ ssid: 'corp', within: '3 s' });
  await lab.expect.client(phone.mac).addressed({ vlan: 10 });
  await lab.expect.ledger.balanced();
  await phone.leave();
  await lab.expect.client(phone.mac).gone();
  expect(lab.facts.map(({ fact }) => fact.type)).toEqual(
    expect.arrayContaining(['join', 'address', 'leave']),
  );
});

test('a dead DHCP server is felt until it is mended', async () => {
  await using lab = await startLab({ seed: 7, switches: 1, clients: [{ id: 'phone', ssid: null }] });
  const phone = lab.client('phone');
  const dhcp = await lab.ap().fail('dhcp');
  await phone.join('guest');
  await lab.expect.client(phone.mac).failed({ why: 'no-offer', within: '2 min' });
  await dhcp.mend();
  await lab.expect.client(phone.mac).addressed({ vlan: 20, within: '2 min' });
});

test('a wrong password is refused, and the right one is not', async () => {
  await using lab = await startLab({ seed: 7, clients: [{ id: 'phone', ssid: null }] });
  const phone = lab.client('phone');
  await phone.join('corp', { wrongPassword: true });
  await lab.expect.client(phone.mac).failed({ why: 'wrong-key' });
  // Who was refused tries again after 20 to 30 s, as supplicants do.
  await phone.join('corp');
  await lab.expect.client(phone.mac).associated({ ssid: 'corp', within: '1 min' });
});

test('a client that walks away roams to the next access point', async () => {
  await using lab = await startLab({ seed: 7, aps: 4, clients: [{ id: 'phone' }] });
  const phone = lab.client('phone');
  await lab.expect.client(phone.mac).associated({ ap: 'ap0' });
  await phone.walkTo(87, 6);
  await lab.expect.client(phone.mac).associated({ ap: 'ap3', within: '2 min' });
});

test('a cut link, and a killed cloud, cost nothing that was observed', async () => {
  await using lab = await startLab({ seed: 7, clients: [{ id: 'phone' }] });
  lab.ap().link.cut();
  await lab.expect.device('ap0').offline();
  await lab.clock.advance('20 s');
  lab.ap().link.restore();
  await lab.expect.device('ap0').online();
  await lab.cloud.kill();
  await lab.expect.device('ap0').offline();
  await lab.cloud.start();
  await lab.expect.device('ap0').online();
  await lab.expect.client(lab.client().mac).addressed();
  await lab.expect.ledger.balanced();
});

test('what is known, and signal, is told once a minute unless a device is to tell it whenever it is heard', async () => {
  const told = async (repeatMs?: number) => {
    const config = repeatMs === undefined ? {} : { report: { repeatMs } };
    await using lab = await startLab({ seed: 7, aps: [{ config }], clients: [{ id: 'phone' }] });
    await lab.expect.client(lab.client().mac).addressed();
    await lab.clock.advance('1 min');
    const count = () => lab.payloadsOf('ap0').filter(({ stream }) => stream === 'rssi').length;
    const before = count();
    await lab.clock.advance('3 min');
    return count() - before;
  };
  expect(await told()).toBe(3);
  expect(await told(0)).toBeGreaterThan(10);
});
