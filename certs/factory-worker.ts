/** The thread of factory.ts: answers every list of plans with the identities made from it. */
import { parentPort, workerData } from 'node:worker_threads';
import { type FactoryReply, type FactorySetup, makeAll } from './factory.ts';
import type { IdentityPlan } from './make-identity.ts';

const setup: FactorySetup = workerData;
// a Buffer arrives as a plain Uint8Array
setup.issuer.subject = Buffer.from(setup.issuer.subject);
setup.issuer.keyId = Buffer.from(setup.issuer.keyId);

parentPort?.on('message', (plans: IdentityPlan[]) => {
  let reply: FactoryReply;
  try {
    reply = { ok: true, identities: makeAll(setup, plans) };
  } catch (error) {
    reply = { ok: false, error };
  }
  parentPort?.postMessage(reply);
});
