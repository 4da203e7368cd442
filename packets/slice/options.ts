/** Named control protocols whose fields `control` mode may keep beyond headers, each by itself. */
export const CONTROL_PROTOCOLS = ['dhcp', 'dns', 'eap', 'lldp'] as const;
export type ControlProtocol = (typeof CONTROL_PROTOCOLS)[number];

export const SLICE_MODES = ['strict', 'control', 'full'] as const;
export type SliceMode = (typeof SLICE_MODES)[number];

export interface SliceOptions {
  /**
   * `strict` keeps headers only; `control` adds the fields of the protocols named in `control`; `full` keeps
   * the frame as it was captured. Who passes `full` has checked the customer's consent.
   */
  mode: SliceMode;
  control: readonly ControlProtocol[];
  /** Network names in management frames. */
  ssid: 'keep' | 'zero';
  /** TCP timestamps (RFC 7323), which tell hosts behind one address apart. */
  ts: 'keep' | 'zero';
}

export const STRICT: SliceOptions = { mode: 'strict', control: [], ssid: 'zero', ts: 'keep' };
