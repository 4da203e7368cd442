/**
 * Hours of a lab of `airherd/testing` in virtual time: an access point, a switch and four clients, over TLS with both
 * proofs into the cloud's store. How much processor time that takes, the start left out.
 *   node bench/lab/day.mjs HOURS
 */
import { startLab } from '../../dist/testing/index.js';

const hours = Number(process.argv[2]);
const clients = ['phone', 'laptop', 'phone', 'printer'].map((kind) => ({ kind }));
const lab = await startLab({ seed: 7, aps: 1, switches: 1, clients });
const before = process.cpuUsage();
await lab.clock.advance(`${hours} hours`);
const { user, system } = process.cpuUsage(before);
const messages = ['ap0', lab.switches[0].id].flatMap((id) => lab.payloadsOf(id)).length;
await lab.stop();
process.stdout.write(JSON.stringify({ hours, messages, seconds: (user + system) / 1e6 }));
