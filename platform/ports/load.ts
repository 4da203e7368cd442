/** How busy the thread is that asks: what a load generator must know of itself. */
export interface LoadMonitor {
  /** How late timers fire, milliseconds, at this percentile since the monitor was made. */
  loopDelayMs(percentile: number): number;
  /** Share of the time that the event loop was not idle, 0 to 1. */
  utilization(): number;
  /** Share of the time that this thread could have run and no processor was free for it, 0 to 1. */
  cpuWait(): number;
  /** Resident bytes of the whole process. */
  memoryBytes(): number;
  stop(): void;
}
