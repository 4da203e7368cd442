/** What the cloud promises about data, as data, so that the API can show it. */
export interface PrivacyPromise {
  id: string;
  text: string;
}

export const PROMISES: readonly PrivacyPromise[] = [
  { id: 'link-aes-128', text: 'Devices reach the cloud by TLS with AES-128, nothing else' },
  {
    id: 'link-mutual-proof',
    text: 'Both sides prove themselves by certificate and by a key of the individual device',
  },
  { id: 'link-rsa-4096', text: 'Certificates are signed with a 4096-bit key' },
  { id: 'api-aes-256', text: 'API and console speak TLS with AES-256 suites only' },
  { id: 'api-rsa-2048', text: 'The management console has a 2048-bit RSA key' },
  { id: 'rest-aes-256', text: 'Data rests under AES-256, with a key of the organisation’s own' },
  {
    id: 'off-until-turned-on',
    text: 'Unconnected Wi-Fi devices, BLE assets and app location are not taken until the organisation turns them on',
  },
  { id: 'no-payload', text: 'Packet payload is not taken unless the organisation allows it' },
];
