/** Where a capture process and the server meet; all three are UDP on 127.0.0.1. */
export interface IngestPorts {
  /** The pipeline sends RTP here; the server listens. */
  rtpPort: number
  /** The pipeline sends its RTCP sender reports here; the server listens. */
  rtcpPort: number
  /** The pipeline listens here; the server sends RTCP, that is requests for a keyframe. */
  feedbackPort: number
}

/**
 * Three ports for a camera, the same at every run, so that the line `rpi-webrtc pipeline` prints is the line that runs.
 * They lie below 32768, where Linux begins to hand out ports of its own accord, and do not meet for cameras
 * whose webrtc-ports are less than 3000 apart.
 */
export function preferredIngestPorts(webrtcPort: number): IngestPorts {
  const rtpPort = 20_000 + 4 * (webrtcPort % 3000)
  return { rtpPort, rtcpPort: rtpPort + 1, feedbackPort: rtpPort + 2 }
}
