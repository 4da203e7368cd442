import assert from 'node:assert/strict';
import { request } from 'node:https';
import { test } from 'node:test';
import { startLab } from 'airherd/testing';
import { verdictOn } from './nac.mjs';

function captures({ cloud: { stub, orgId, token } }) {
  const path = `/api/airherd/v1/orgs/${orgId}/captures`;
  return new Promise((resolve, reject) => {
    const options = { host: 'localhost', port: stub.apiPort, path, ca: stub.trustPem };
    request({ ...options, headers: { authorization: `Token ${token}` } }, async (answer) => {
      resolve(JSON.parse((await answer.toArray()).join('')));
    })
      .on('error', reject)
      .end();
  });
}

async function withLab(act) {
  const lab = await startLab({ seed: 7, switches: 1, clients: [{ id: 'laptop', ssid: null }] });
  try {
    await act(lab, lab.client('laptop'));
  } finally {
    await lab.stop();
  }
}

test('a RADIUS server that does not answer wakes somebody up', () =>
  withLab(async (lab, laptop) => {
    const radius = await lab.fail('radius');
    await laptop.join('secure');
    await lab.expect.client(laptop.mac).failed({ why: 'eap-timeout', within: '3 min' });
    await lab.expect.device('ap0').sends({ stream: 'pcap', within: '2 min' });
    await lab.expect.device('ap0').drained();
    assert.deepEqual(verdictOn(laptop.mac, await lab.during(captures(lab))), {
      admit: false,
      page: true,
      why: 'RADIUS does not answer',
    });
    await radius.mend();
    await lab.expect.client(laptop.mac).associated({ ssid: 'secure', within: '3 min' });
  }));

test('a server that says no does not', () =>
  withLab(async (lab, laptop) => {
    await lab.fail('radius-reject');
    await laptop.join('secure');
    await lab.expect.client(laptop.mac).failed({ why: 'eap-rejected', within: '3 min' });
    await lab.expect.device('ap0').sends({ stream: 'pcap', within: '2 min' });
    await lab.expect.device('ap0').drained();
    const { admit, page } = verdictOn(laptop.mac, await lab.during(captures(lab)));
    assert.deepEqual({ admit, page }, { admit: false, page: false });
  }));
