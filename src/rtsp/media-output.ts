import type { InterleavedFrame } from './message-reader.js'

/** How the packets of one reader leave, and what comes back. The session of the reader uses it. */
export interface MediaOutput {
  readonly transport: 'udp' | 'tcp'
  hasRoom(): boolean
  sendRtp(header: Buffer, payload: Buffer): void
  flush(): void
  sendRtcp(compound: Buffer): void
  onRtcp: (compound: Buffer) => void
  readonly lastHeardAtMs: number
  /** The header `Transport` of the response to SETUP, up to its SSRC. */
  readonly header: string
  /** Notes a request, which keeps the session alive. */
  noteRequest(): void
  /** Handles a frame that came on the connection of the requests. */
  onFrame?(frame: InterleavedFrame): void
  close(): void
}

/** RTCP of a reader: one report in 5 s and some requests for keyframes. What is above is not parsed. */
export const RTCP_RATE = { perSecond: 20, burst: 60 }
