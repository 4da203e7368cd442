import type { DeviceSettings } from '../../../../protocol/messages/configuration.ts';

/** A version as the API tells of it. */
export interface ShownVersion {
  version: number;
  settings: DeviceSettings;
  state: 'pending' | 'applied' | 'confirmed' | 'refused' | 'rolled-back';
  problems: string[];
  confirmTimeoutS?: number;
  createdMs: number | null;
  reportedMs: number | null;
}

/** The newest, and what the device runs. */
export interface Shown extends ShownVersion {
  serial: string;
  isConnected: boolean;
  /** 0: its local settings alone. */
  running: number;
}

export const pathOf = (serial: string): string =>
  `/api/airherd/v1/devices/${encodeURIComponent(serial)}/configuration`;

/** `report.statsMs=30000`, one for each setting. */
export const settingsText = (settings: DeviceSettings): string[] =>
  Object.entries(settings).flatMap(([section, inner]) =>
    Object.entries(inner ?? {}).map(([key, value]) => `${section}.${key}=${JSON.stringify(value)}`),
  );
