import { watchExternal } from '../camera/capture/external-rtp.js'
import type { Camera } from '../camera/capture/status.js'
import { isPassthrough } from '../camera/gstreamer/passthrough.js'
import { cameraSsrc, lowSsrc, PAYLOAD_TYPE } from '../camera/gstreamer/rtp-output.js'
import { preferredIngestPorts, preferredLowPorts } from '../camera/gstreamer/ports.js'
import { isExternal, type Device } from '../config/device.js'
import type { CameraConfig } from '../config/types.js'
import type { Log } from '../log.js'
import { openPublishedStream, openRtpStream, type RtpStream } from '../rtp/stream.js'
import type { UdpBatches } from '../udp/udp-batches.js'

/** Whether others encode the stream, so that it has to be inspected. */
export const isInspected = (config: CameraConfig): boolean =>
  isExternal(config.device) || isPassthrough(config)

/**
 * Opens the sockets for a camera's packets; a camera that clients publish to has none.
 * @throws Error when the port of an rtp:// camera is taken.
 */
export async function openCameraStream(
  config: CameraConfig,
  { onKeyframeRequest, batches, log }: { onKeyframeRequest: () => void; batches: UdpBatches; log: Log },
): Promise<RtpStream> {
  const { codec, device, webrtcPort } = config
  const inspect = isInspected(config)
  if (device.kind === 'whip') return await openPublishedStream({ codec, inspect })
  const preferred = preferredIngestPorts(webrtcPort)
  const isRtp = device.kind === 'rtp'
  return await openRtpStream({
    codec,
    expected: isRtp ? undefined : { ssrc: cameraSsrc(config), payloadType: PAYLOAD_TYPE },
    preferred: isRtp ? { ...preferred, rtpPort: device.port } : preferred,
    inspect,
    onKeyframeRequest,
    waiting: batches,
    onError: (error) => log.warn('the ingest socket reports an error', { error: error.message }),
  })
}

/** Opens the sockets for the packets of a camera's small size. */
export const openLowStream = async (
  config: CameraConfig,
  large: Pick<RtpStream, 'line'>,
  { batches, log }: { batches: UdpBatches; log: Log },
): Promise<RtpStream> =>
  await openRtpStream({
    codec: config.codec,
    expected: { ssrc: lowSsrc(config), payloadType: PAYLOAD_TYPE },
    preferred: preferredLowPorts(config.webrtcPort),
    leader: large.line,
    waiting: batches,
    onError: (error) =>
      log.warn('the ingest socket of the small size reports an error', { error: error.message }),
  })

/** @returns undefined for a camera that this program captures. */
export function watchExternalCamera(
  { key, codec, device }: { key: string; codec: CameraConfig['codec']; device: Device },
  stream: RtpStream,
  log: Log,
): Camera | undefined {
  if (device.kind === 'rtp') return watchExternal({ source: { key, codec, port: device.port }, stream, log })
  if (device.kind !== 'whip') return undefined
  return watchExternal({ source: { key, codec, port: 0, publishedTo: `/${key}/whip` }, stream, log })
}
