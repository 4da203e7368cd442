import { startLab } from 'airherd/testing';
import { expect, onTestFinished, test } from 'vitest';
import { asker } from './ask.mjs';
import { ToyBackend } from './backend.mjs';

async function labWith(options) {
  const lab = await startLab(options);
  onTestFinished(() => lab.stop());
  return lab;
}
const backendOf = (lab) => new ToyBackend(asker(lab.cloud.stub, lab.cloud.token), lab.cloud.siteId);

test('a cut uplink opens a ticket, and its return closes it', async () => {
  const lab = await labWith({ aps: 2 });
  const backend = backendOf(lab);
  const { serial } = lab.ap('ap1');
  lab.ap('ap1').link.cut();
  await lab.expect.device('ap1').offline();
  await lab.during(backend.look());
  expect([...backend.tickets.values()]).toEqual([{ serial, open: true }]);

  lab.ap('ap1').link.restore();
  await lab.expect.device('ap1').online();
  await lab.during(backend.look());
  expect(backend.tickets.get(serial)).toEqual({ serial, open: false });
});

test('somebody who walks is counted where they are', async () => {
  const lab = await labWith({ seed: 7, aps: 4, clients: [{ id: 'phone' }] });
  const backend = backendOf(lab);
  const phone = lab.client('phone');
  await lab.expect.client(phone.mac).associated({ ap: 'ap0' });
  expect(await lab.during(backend.clientsOf(lab.ap('ap0').serial))).toEqual([phone.mac]);
  await phone.walkTo(87, 6);
  await lab.expect.client(phone.mac).associated({ ap: 'ap3', within: '2 min' });
  expect(await lab.during(backend.clientsOf(lab.ap('ap3').serial))).toEqual([phone.mac]);
  expect(await lab.during(backend.clientsOf(lab.ap('ap0').serial))).toEqual([]);
});
