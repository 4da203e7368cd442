import type { Lab, LabOptions } from 'airherd/testing';

const BAY_M = 25;

/** What a file of steps cannot say: a way that is worked out, and what holds after each leg of it. */
export const options: LabOptions = {
  seed: 23,
  aps: 3,
  clients: [{ id: 'phone', ssid: null, x: BAY_M / 2, y: 6 }],
};

export default async function walkThroughTheBays(lab: Lab): Promise<void> {
  const phone = lab.client('phone');
  await phone.join('corp');
  for (const bay of [0, 1, 2, 1, 0]) {
    await phone.walkTo(BAY_M * (bay + 0.5), 6);
    await lab.expect.client(phone.mac).associated({ ssid: 'corp', ap: `ap${bay}`, within: '30 s' });
  }
  await lab.expect.ledger.balanced();
}
