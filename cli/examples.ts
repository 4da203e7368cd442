/** One line that can be pasted, and what it is for. */
export interface Example {
  readonly purpose: string;
  readonly line: string;
}

const example = (purpose: string, line: string): Example => ({ purpose, line });

/**
 * What `--help` shows below the options, by the words of the command ('' is `airherd` itself). A test parses
 * every line with the command that it calls, so that no example outlives an option.
 */
export const EXAMPLES: Readonly<Record<string, readonly Example[]>> = {
  '': [
    example('the whole product on this machine, on real captures', 'airherd demo'),
    example('who is in a capture, and what they are', 'airherd observe capture.pcapng'),
    example('the same capture without a bit of payload', 'airherd pcap slice capture.pcapng headers.pcapng'),
    example('a simulated office, and an hour of its air', 'airherd world make office --out office.yaml'),
    example('', 'airherd world run office.yaml --for 1h --pcap air.pcapng'),
    example(
      '500 access points that prove themselves',
      'airherd fleet run --with-cloud --devices 500 --for 60s',
    ),
  ],
  demo: [example('for a script: fifteen seconds, one JSON object', 'airherd demo --for 15s --json')],
  'certs init': [example('a manufacturing authority, once', 'airherd certs init')],
  'device create': [
    example('one access point', 'airherd device create --kind ap --count 1'),
    example('ten thousand, for a load test', 'airherd device create --kind ap --count 10000'),
    example(
      'the same in one encrypted file',
      'airherd device create --kind ap --count 10000 --pack fleet.pack --pack-key fleet.key',
    ),
  ],
  'device claim': [
    example('put a device into a site', 'airherd device claim AH0000000001 --org demo --site lab'),
    example('all that nobody has claimed', 'airherd device claim --all --org demo --site lab'),
  ],
  'firmware key': [example('once, on the machine that signs', 'airherd firmware key')],
  'firmware build': [
    example(
      'an image with the settings of one folder',
      'airherd firmware build ap-1.4 1.4.2 --sequence 7 --model AH-AP-1 --out images',
    ),
  ],
  'firmware upload': [
    example('to the cloud on this machine', 'airherd firmware upload images/firmware-1.4.2.manifest.json'),
  ],
  'firmware rollout': [
    example('a tenth, then half, then all; the first failure stops it', 'airherd firmware rollout 1.4.2'),
    example(
      'one site at once, with two failures let pass',
      'airherd firmware rollout 1.4.2 --org Example --site "Hall 1" --stages 100 --max-failures 2',
    ),
  ],
  'firmware status': [example('how far it is, device by device', 'airherd firmware status --org Example')],
  'firmware verify': [
    example('all that a device would check', 'airherd firmware verify images/firmware-1.4.2.manifest.json'),
  ],
  'device config set': [
    example('health every half minute', 'airherd device config set AH0000000001 report.statsMs=30000'),
    example(
      'another interface, with half a minute to reach the cloud in',
      'airherd device config set AH0000000001 capture.sources=[live:eth0] --confirm 30s',
    ),
  ],
  agent: [
    example(
      'replay a capture as one access point, and end when the cloud has stored it',
      'airherd agent --identity ~/.local/share/airherd/devices/AH0000000001 --cloud mqtts://localhost:8883 --source file:capture.pcap --exit-when-done',
    ),
  ],
  doctor: [
    example('what this machine can observe', 'airherd doctor'),
    example('for a script', 'airherd doctor --json'),
  ],
  login: [
    example(
      'which step of a login fails',
      'airherd login --dry-run --identity ~/.local/share/airherd/devices/AH0000000001 --cloud mqtts://localhost:8883',
    ),
  ],
  observe: [
    example('from a live capture', 'tcpdump -i eth0 -U -w - | airherd observe -'),
    example('as JSON, for a script', 'airherd observe capture.pcapng --json'),
    example(
      'who advertises by Bluetooth, from a log of btmon',
      'editcap -F pcapng btmon.btsnoop - | airherd observe -',
    ),
  ],
  'user add': [
    example('an administrator; the password is asked for', 'airherd user add anna@example.org --role admin'),
  ],
  'token create': [
    example(
      'for an exporter, from one network, for three months',
      'airherd token create --role read --name exporter --from 192.0.2.0/24 --days 90',
    ),
  ],
  'cloud ingest': [
    example('beside a Mosquitto of yours', 'airherd cloud ingest --broker mqtts://broker.example:8883'),
  ],
  'certs broker-ca': [
    example('for a broker that is to judge devices', 'airherd certs broker-ca > broker-ca.pem'),
  ],
  'fleet coordinate': [
    example(
      'four machines, one report',
      'airherd fleet coordinate run.yaml --via mqtts://broker.lab:8883 --machines 4 --html report.html',
    ),
  ],
  'fleet work': [
    example(
      'one of them',
      'airherd fleet work --via mqtts://broker.lab:8883 --pack fleet.pack --pack-key fleet.key',
    ),
  ],
  'fleet part': [
    example(
      'the first of four parts, without a coordinator',
      'airherd fleet part run.yaml --index 0 --of 4 --starts-at 2026-03-01T12:00:00Z --out part-0.json',
    ),
  ],
  'fleet merge': [
    example('their report', 'airherd fleet merge part-0.json part-1.json part-2.json part-3.json'),
  ],
  'device revoke': [
    example(
      'a fleet, five hundred at a time',
      'airherd device revoke --pack fleet.pack --wave 500 --every 10s',
    ),
  ],
  'device renew': [
    example(
      'a fleet, five hundred at a time',
      'airherd device renew --pack fleet.pack --wave 500 --every 10s',
    ),
  ],
  'cloud check': [
    example('what is not in order, and how to mend it', 'airherd cloud check --quiet'),
    example('for CI', 'airherd cloud check --json'),
  ],
  'cloud audit verify': [
    example('whether a log was tampered with', 'airherd cloud audit verify --org Example'),
  ],
  'cloud support': [
    example("let the vendor's staff in for two hours", 'airherd cloud support on --for 2h --org Example'),
  ],
  'cloud rotate-master': [
    example('a new key, in the cloud’s folder', 'airherd cloud rotate-master'),
    example('one that a command prints', "airherd cloud rotate-master --to 'command:pass show airherd'"),
  ],
  'cloud backup': [example('all state, encrypted', 'airherd cloud backup state.backup')],
  'pcap slice': [
    example('headers only, as Wireshark opens them', 'airherd pcap slice capture.pcapng headers.pcapng'),
  ],
  'pcap tail': [
    example(
      "a client's failures, live in Wireshark",
      'airherd pcap tail --client 02:00:5e:10:00:01 | wireshark -k -i -',
    ),
  ],
  'world make': [
    example('an office floor from a seed', 'airherd world make office --seed 7 --out office.yaml'),
  ],
  score: [
    example('what a cloud made of a simulated site', 'airherd score truth.ndjson conclusions.json'),
    example('the cloud stub on this machine', 'airherd score truth.ndjson --from-cloud --device AH0001=ap0'),
  ],
  'world run': [
    example('the same with what was so in it', 'airherd world run office.yaml --for 1h --truth truth.ndjson'),
    example('an hour of it, for Wireshark', 'airherd world run office.yaml --for 1h --pcap air.pcapng'),
  ],
  'fleet plan': [
    example('what 10,000 devices cost, before anything starts', 'airherd fleet plan --devices 10000'),
  ],
  'fleet run': [
    example(
      'a storm that has to be over in time',
      'airherd fleet run --devices 1000 --shape storm --at 30s --for 60s --threshold "connect.p99 < 2s"',
    ),
    example(
      'settings from a file, the report for CI',
      'airherd fleet run fleet.yaml --junit report.xml --json',
    ),
  ],
  'scenario run': [
    example('one scenario', 'airherd scenario run scenarios/dhcp-server-dies.yaml'),
    example('for a CI server', 'airherd scenario run tests/*.yaml --format junit --out results.xml'),
    example('what is wrong in the files', 'airherd scenario run --check scenarios/dhcp-server-dies.yaml'),
  ],
  'scenario record': [
    example('what a session did, as a scenario', 'airherd scenario record session.mjs --out session.yaml'),
  ],
  completion: [
    example(
      'bash, for this user',
      'airherd completion bash > ~/.local/share/bash-completion/completions/airherd',
    ),
    example('zsh, into a folder of $fpath', 'airherd completion zsh > ~/.zfunc/_airherd'),
    example('fish', 'airherd completion fish > ~/.config/fish/completions/airherd.fish'),
  ],
  manual: [example('read it', 'airherd manual | man -l -')],
};

/** The examples of a command as text for its `--help`, or null where it has none. */
export function examplesHelp(path: string): string | null {
  const examples = EXAMPLES[path];
  if (!examples) return null;
  const lines = examples.map(({ purpose, line }) => `${purpose ? `  ${purpose}:\n` : ''}    ${line}`);
  return `\n${examples.length === 1 ? 'Example' : 'Examples'}:\n${lines.join('\n')}`;
}
