import type { Encoder } from './encoder.js'
import type { IngestPorts } from './ports.js'
import { link } from './syntax.js'

/** The first dynamic RTP payload type (RFC 3551 §6). */
export const PAYLOAD_TYPE = 96

/** Largest RTP packet in bytes: leaves room for SRTP, header extensions and TURN. */
const MTU = 1200

/** Known in advance, because a PLI has to name it. 32-bit FNV-1a of the key. */
export function cameraSsrc(camera: { key: string }): number {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(camera.key)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash === 0 ? 1 : hash
}

/** Of the small size. */
export const lowSsrc = ({ key }: { key: string }): number => cameraSsrc({ key: `${key} low` })

/** Sender reports every 0.3 to 0.6 s with CLOCK_MONOTONIC at capture, from which the age of a frame follows. */
export const rtpSession = (name: string): string[] => [
  'rtpsession',
  `name=${name}`,
  'rtp-profile=avpf',
  'ntp-time-source=clock-time',
  'rtcp-sync-send-time=false',
  'rtcp-min-interval=500000000',
  'bandwidth=8000000',
]

/** An overloaded encoder skips frames instead of falling behind: median delay 0.1 s instead of 2.9 s. */
export const latestFrameOnly = [
  'queue',
  'max-size-buffers=1',
  'max-size-bytes=0',
  'max-size-time=0',
  'leaky=downstream',
]

/** @param timestampOffset the same for two payloaders gives one frame the same timestamp in both; left out, it is random. */
export function packetise(encoder: Encoder, ssrc: number, timestampOffset?: number): string[] {
  const common = [
    `mtu=${MTU}`,
    `pt=${PAYLOAD_TYPE}`,
    `ssrc=${ssrc}`,
    ...(timestampOffset === undefined ? [] : [`timestamp-offset=${timestampOffset}`]),
  ]
  if (encoder.element === 'vp8enc') return ['rtpvp8pay', ...common, 'picture-id-mode=15-bit']
  // x264, openh264 and h264parse repeat SPS and PPS themselves; a second copy would land between the slices of one frame.
  const configInterval = encoder.element === 'v4l2h264enc' ? -1 : 0
  return ['rtph264pay', ...common, 'aggregate-mode=zero-latency', `config-interval=${configInterval}`]
}

/** What an RTP session sends and hears, on loopback. */
export const rtpOutput = (session: string, ports: IngestPorts): string[] => [
  ...link([`${session}.send_rtp_src`], sendTo(ports.rtpPort)),
  ...link([`${session}.send_rtcp_src`], sendTo(ports.rtcpPort)),
  // The default address would accept keyframe requests from the network.
  ...link(
    ['udpsrc', 'address=127.0.0.1', `port=${ports.feedbackPort}`, 'caps=application/x-rtcp'],
    [`${session}.recv_rtcp_sink`],
  ),
]

/**
 * sync=false: a packet leaves when it is made, not 50 ms later. Without bind-address the socket would accept datagrams
 * from the network.
 */
export const sendTo = (port: number): string[] => [
  'udpsink',
  'host=127.0.0.1',
  `port=${port}`,
  'bind-address=127.0.0.1',
  'sync=false',
  'async=false',
]
