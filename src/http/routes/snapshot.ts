export interface Snapshot {
  jpeg: Uint8Array<ArrayBuffer>
  /** As performance.now() tells time. */
  capturedAtMs: number
}

/** Unix time in seconds with six decimals, as mjpg-streamer and its kin write X-Timestamp. */
export const timestampOf = (capturedAtMs: number): string =>
  ((Date.now() - (performance.now() - capturedAtMs)) / 1000).toFixed(6)
