/** UDP ports on 127.0.0.1 between a capture process and the server. */
export interface IngestPorts {
  /** Pipeline to server. */
  rtpPort: number
  /** Sender reports, pipeline to server. */
  rtcpPort: number
  /** Keyframe requests, server to pipeline. */
  feedbackPort: number
}

/**
 * The same ports at every run, so that `rpi-webrtc pipeline` prints the line that runs. They are below Linux's ephemeral
 * range (32768) and differ for webrtc-ports less than 3000 apart.
 */
export function preferredIngestPorts(webrtcPort: number): IngestPorts {
  const rtpPort = 20_000 + 4 * (webrtcPort % 3000)
  return { rtpPort, rtcpPort: rtpPort + 1, feedbackPort: rtpPort + 2 }
}

/** Of the small size, below those of the large ones. They differ for webrtc-ports less than 2000 apart. */
export function preferredLowPorts(webrtcPort: number): IngestPorts {
  const rtpPort = 12_000 + 4 * (webrtcPort % 2000)
  return { rtpPort, rtcpPort: rtpPort + 1, feedbackPort: rtpPort + 2 }
}
