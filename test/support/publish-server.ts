import { onTestFinished } from 'vitest'
import { defaultConfig } from '../../src/config/parse.js'
import { silentLog } from '../../src/log.js'
import { Publishers } from '../../src/publisher/publishers.js'
import { publishTiming, type PublishTiming } from '../../src/publisher/session.js'
import type { VideoCodec } from '../../src/rtp/packet.js'
import { openPublishedStream } from '../../src/rtp/stream.js'
import { openSrtpBatch } from '../../src/srtp/batch.js'
import { NO_PUBLIC_ADDRESS } from '../../src/viewer/registry-options.js'
import { ViewerRegistry } from '../../src/viewer/registry.js'
import { openTcpMux } from '../../src/viewer/transport/tcp-mux.js'
import { openUdpMux, type UdpMux } from '../../src/viewer/transport/udp-mux.js'
import { prepareWerift } from '../../src/viewer/werift/prepare.js'
import type { ClientOptions } from './viewer-client.js'
import { PublisherClient } from './publisher-client.js'
import { ViewerClient } from './viewer-client.js'

export const PUBLISHED = 'camera1'

export interface PublishServer {
  publishers: Publishers
  registry: ViewerRegistry
  stream: Awaited<ReturnType<typeof openPublishedStream>>
  mux: UdpMux
  errors: Error[]
  /** A publisher that is connected. */
  publish: (options?: ClientOptions & { firstSequence?: number; audio?: boolean }) => Promise<PublisherClient>
  /** A viewer that is connected. */
  join: () => Promise<ViewerClient>
}

/** One camera that clients publish to, with viewers, on the loopback address; closed when the test is over. */
export async function openPublishServer({
  codec = 'vp8',
  timing = {},
}: { codec?: VideoCodec; timing?: Partial<PublishTiming> } = {}): Promise<PublishServer> {
  const errors: Error[] = []
  const mux = await openUdpMux(0, '127.0.0.1', (error) => errors.push(error))
  const tcp = await openTcpMux(0, '127.0.0.1', (error) => errors.push(error))
  const stream = await openPublishedStream({ codec, inspect: true })
  const shared = {
    media: { mux, tcp },
    srtp: openSrtpBatch(),
    fingerprint: await prepareWerift(silentLog),
    addresses: () => [{ address: '127.0.0.1' }],
    publicAddress: NO_PUBLIC_ADDRESS,
    log: silentLog,
  }
  const { limits } = defaultConfig()
  const registry = new ViewerRegistry({
    ...shared,
    streams: new Map([
      [
        PUBLISHED,
        {
          codec,
          fanout: stream.fanout,
          clock: stream.clock,
          keyframesOnDemand: true,
          requestKeyframe: () => stream.requestKeyframe(),
        },
      ],
    ]),
    config: { webrtc: { maxClients: 10 }, limits },
  })
  const publishers = new Publishers({
    ...shared,
    config: { limits },
    timing: { ...publishTiming, ...timing },
  })
  publishers.open(PUBLISHED, {
    codec,
    source: stream.published,
    requestKeyframe: () => stream.requestKeyframe(),
  })
  onTestFinished(async () => {
    await publishers[Symbol.asyncDispose]()
    await registry[Symbol.asyncDispose]()
    await stream[Symbol.asyncDispose]()
    await tcp[Symbol.asyncDispose]()
    await mux[Symbol.asyncDispose]()
  })
  return {
    publishers,
    registry,
    stream,
    mux,
    errors,
    publish: async ({ audio = false, ...options } = {}) => {
      const publisher = await PublisherClient.open(codec, options)
      onTestFinished(async () => await publisher[Symbol.asyncDispose]())
      await publisher.connect(publishers.publish(PUBLISHED, publisher.offer({ audio })).answerSdp)
      return publisher
    },
    join: async () => {
      const client = await ViewerClient.open()
      onTestFinished(async () => await client[Symbol.asyncDispose]())
      await client.connect(registry.admit(PUBLISHED, client.offer(codec), 'whep').answerSdp)
      return client
    },
  }
}
