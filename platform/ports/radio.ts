/** How a Bluetooth LE radio listens. */
export interface ScanOptions {
  /** A listening window each interval, milliseconds: 2.5 to 10,240 (Core Specification, volume 4, part E, 7.8.10). */
  intervalMs: number;
  /** At most the interval; the quotient of both is the duty cycle. */
  windowMs: number;
  /** Every advertisement, and not only the first of each advertiser. */
  duplicates: boolean;
}

/** An advertisement or scan response, as the controller reported it. */
export interface AdvertisingReport {
  /** `aa:bb:cc:dd:ee:ff` */
  address: string;
  isRandom: boolean;
  advertisingData: Uint8Array;
  /** 127: the controller does not know. */
  rssiDbm: number;
}

export interface RadioListener {
  /** The radio listens. */
  listening(): void;
  heard(report: AdvertisingReport): void;
  /** It was switched off or pulled out. */
  lost(why: string): void;
}

/** A Bluetooth LE radio. */
export interface Radio {
  /** Begins to listen. Throws where there is no Bluetooth, or no right to it. */
  scan(options: ScanOptions, listener: RadioListener): Promise<void>;
  stop(): void;
}
