import { execFile } from 'node:child_process';

/** Between the values of one field of one frame; no decoded value contains it. */
const AGGREGATOR = '\x1f';

/** Every frame is read by itself, as a decoder reads it: nothing reassembled, decrypted or looked up. */
const PREFERENCES = [
  'tcp.desegment_tcp_streams:FALSE',
  'ip.defragment:FALSE',
  'ipv6.defragment:FALSE',
  'wlan.defragment:FALSE',
  'wlan.enable_decryption:FALSE',
  'http.desegment_headers:FALSE',
  'http.desegment_body:FALSE',
  'tls.desegment_ssl_records:FALSE',
];

/** The port that Linux used for VXLAN before IANA gave 4789; we know it, tshark has to be told. */
const DECODE_AS = [
  'udp.port==8472,vxlan',
  // An AltBeacon may have any company's identifier, so tshark has to be told which.
  'btcommon.eir_ad.manufacturer_company_id==0x0118,alt_beacon',
].flatMap((rule) => ['-d', rule]);

/** Values of `fields` in each frame of a capture, all occurrences in order: [frame][field][occurrence]. */
export function tsharkFields(path: string, fields: readonly string[]): Promise<string[][][]> {
  const chosen = fields.flatMap((field) => ['-e', field]);
  const format = [
    '-T',
    'fields',
    '-E',
    'occurrence=a',
    '-E',
    `aggregator=${AGGREGATOR}`,
    '-E',
    'separator=/t',
  ];
  return new Promise((resolve, reject) => {
    execFile(
      'tshark',
      [
        '-n',
        '-r',
        path,
        ...DECODE_AS,
        ...PREFERENCES.flatMap((preference) => ['-o', preference]),
        ...format,
        ...chosen,
      ],
      { maxBuffer: 1 << 28 },
      (error, stdout, stderr) => {
        // 2: the capture is cut off; what came before it is printed. Anything else is a wrong call.
        if (error !== null && error.code !== 2) return reject(new Error(`tshark ${path}: ${stderr}`));
        if (/aren't valid|not a valid|Unknown preference|unknown preference/.test(stderr))
          return reject(new Error(stderr));
        const lines = stdout.split('\n').filter((_, i, all) => i < all.length - 1);
        resolve(
          lines.map((line) => line.split('\t').map((value) => (value === '' ? [] : value.split(AGGREGATOR)))),
        );
      },
    );
  });
}
