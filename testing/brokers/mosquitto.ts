import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrokerKind } from './broker.ts';

/** Each device publishes and reads below its own serial only, which its certificate names. */
const ACL = `user AHINGEST
topic readwrite #

pattern write ap/v1/%u/tx/+
pattern read ap/v1/%u/rx/+
pattern write dt/%u/tx/+
pattern read dt/%u/rx/+
`;

export const mosquitto = (): BrokerKind => ({
  name: 'mosquitto',
  configure: async ({ dir, port, certificateFile, keyFile, trustFile }) => {
    const acl = join(dir, 'acl');
    const conf = join(dir, 'mosquitto.conf');
    await writeFile(acl, ACL);
    await writeFile(
      conf,
      `listener ${port} 127.0.0.1
cafile ${trustFile}
certfile ${certificateFile}
keyfile ${keyFile}
require_certificate true
use_identity_as_username true
acl_file ${acl}
tls_version tlsv1.3
max_inflight_messages 0
max_queued_messages 0
log_dest stderr
user root
`,
    );
    return {
      program: 'mosquitto',
      package: 'mosquitto',
      words: ['-c', conf],
      ready: /mosquitto version .* running/,
      signal: 'SIGKILL',
    };
  },
});
