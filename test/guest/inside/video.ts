import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { carriesKeyframe } from '../../../src/rtp/keyframe.js'
import type { VideoCodec } from '../../../src/rtp/packet.js'
import type { ReceivedPacket } from '../../support/viewer-client.js'
import { watch, type Seen } from '../../support/watcher.js'

const WIDTH = 32
const HEIGHT = 18
const DECODERS: Record<VideoCodec, { encoding: string; elements: string[] }> = {
  vp8: { encoding: 'VP8', elements: ['rtpvp8depay', '!', 'vp8dec'] },
  h264: { encoding: 'H264', elements: ['rtph264depay', '!', 'h264parse', '!', 'openh264dec'] },
}

/** A decoded picture, reduced to 32x18 samples of luma. */
export interface Picture {
  luma: Buffer
  /** 0 black to 255 white. */
  mean: number
}

/** What a connected viewer gets, decoded. */
export interface Video extends AsyncDisposable {
  seen: () => Seen
  keyframes: () => number
  /** Pictures that the decoder made of the packets. */
  decoded: () => number
  picture: () => Picture | undefined
  requestKeyframe: () => void
}

export async function watchVideo(origin: string, camera: string, codec: VideoCodec): Promise<Video> {
  const watcher = await watch(origin, camera, { codec })
  const decoder = decode(codec)
  const inspect = watcher.client.onPacket!
  const carries = carriesKeyframe[codec]
  let keyframes = 0
  let keyframeAt: number | undefined
  watcher.client.onPacket = (packet) => {
    inspect(packet)
    decoder.write(packet)
    if (carries(packet.payload) && packet.timestamp !== keyframeAt) {
      keyframes++
      keyframeAt = packet.timestamp
    }
  }
  return {
    seen: watcher.seen,
    keyframes: () => keyframes,
    decoded: decoder.count,
    picture: decoder.picture,
    requestKeyframe: () => watcher.client.sendPli(),
    async [Symbol.asyncDispose]() {
      await watcher[Symbol.asyncDispose]()
      await decoder.close()
    },
  }
}

/** GStreamer's own decoder in a process of its own; packets go in framed as RFC 4571 has it. */
function decode(codec: VideoCodec) {
  const { encoding, elements } = DECODERS[codec]
  const pipeline = [
    'fdsrc ! application/x-rtp-stream,media=video,clock-rate=90000,payload=102,encoding-name=' + encoding,
    '! rtpstreamdepay !',
    ...elements,
    `! videoconvert ! videoscale ! video/x-raw,format=GRAY8,width=${WIDTH},height=${HEIGHT} ! fdsink sync=false`,
  ].join(' ')
  const child = spawn('gst-launch-1.0', ['-q', ...pipeline.split(' ')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  child.stdin.on('error', () => {
    // It ended; the pictures that are missing are noticed.
  })
  let count = 0
  let unread = Buffer.alloc(0)
  let luma: Buffer | undefined
  child.stdout.on('data', (chunk: Buffer) => {
    unread = Buffer.concat([unread, chunk])
    for (; unread.length >= WIDTH * HEIGHT; unread = unread.subarray(WIDTH * HEIGHT)) {
      luma = unread.subarray(0, WIDTH * HEIGHT)
      count++
    }
  })
  return {
    write: (packet: ReceivedPacket) => void child.stdin.write(framed(packet)),
    count: () => count,
    picture: () => luma && { luma, mean: luma.reduce((sum, sample) => sum + sample, 0) / luma.length },
    close: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** The packet as it was before it was decrypted, behind its length. */
function framed({ sequence, timestamp, ssrc, marker, payload }: ReceivedPacket): Buffer {
  const header = Buffer.alloc(14)
  header.writeUInt16BE(12 + payload.length, 0)
  header[2] = 0x80
  header[3] = (marker ? 0x80 : 0) | 102
  header.writeUInt16BE(sequence, 4)
  header.writeUInt32BE(timestamp, 6)
  header.writeUInt32BE(ssrc, 10)
  return Buffer.concat([header, payload])
}
