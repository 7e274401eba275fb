export interface Snapshot {
  jpeg: Uint8Array<ArrayBuffer>
  /** On the clock of performance.now(). */
  capturedAtMs: number
}

/** X-Timestamp as mjpg-streamer writes it: Unix time in seconds with six decimals. */
export const timestampOf = (capturedAtMs: number): string =>
  ((Date.now() - (performance.now() - capturedAtMs)) / 1000).toFixed(6)
