import { AppError, noSuchCamera } from '../errors.js'
import type { Log } from '../log.js'
import type { VideoCodec } from '../rtp/packet.js'
import type { PublishedSource } from '../rtp/published-source.js'
import type { SrtpBatch } from '../srtp/stream.js'
import { acceptPublisherOffer } from '../viewer/sdp/publisher-offer.js'
import type { OfferedAddress } from '../viewer/transport/host-addresses.js'
import type { TcpMux } from '../viewer/transport/tcp-mux.js'
import type { UdpMux } from '../viewer/transport/udp-mux.js'
import { checkBudget, UnprovenChecks } from '../viewer/transport/unproven-checks.js'
import { Publication } from './publication.js'
import {
  noPublisherCounts,
  withPublisher,
  type PublisherCounts,
  type PublisherView,
} from './publisher-view.js'
import {
  publishTiming,
  runPublication,
  type PublishEnd,
  type PublishLeaveReason,
  type PublishTiming,
} from './session.js'

/** A publisher that sends nothing for this time may be replaced: it lost its network, and is the one that comes back. */
const REPLACEABLE_AFTER_MS = 2000

/** A camera as far as publishers see it. */
export interface PublishedCamera {
  codec: VideoCodec
  /** Undefined for a camera that has a device of its own. */
  source: PublishedSource | undefined
  requestKeyframe: () => void
}

export interface PublishersOptions {
  /** The ports for new publishers; a reload may move them. */
  media: { readonly mux: UdpMux; readonly tcp?: TcpMux | undefined }
  srtp: SrtpBatch
  /** SHA-256 of our certificate, as the answer shows it. */
  fingerprint: string
  /** The addresses to offer, the preferred one first. @param reachedAt the addresses at which the client reached this server. */
  addresses: (reachedAt: readonly string[]) => OfferedAddress[]
  publicAddress: {
    readonly known: readonly { address: string; port: number }[]
    refresh(): void
    use(): Disposable
  }
  config: { readonly limits: { readonly maxCandidates: number } }
  log: Log
  timing?: PublishTiming
}

/** The clients that publish to cameras of this server, at most one for each. */
export class Publishers implements AsyncDisposable {
  readonly #options: PublishersOptions
  readonly #cameras = new Map<string, PublishedCamera>()
  readonly #current = new Map<string, Publication>()
  readonly #all = new Set<Publication>()
  /** Of publishers that left, by camera. */
  readonly #ended = new Map<string, PublisherCounts>()
  readonly #checksOf = checkBudget()

  constructor(options: PublishersOptions) {
    this.#options = options
  }

  /** Accepts publishers of a camera from now on. */
  open(camera: string, published: PublishedCamera): void {
    this.#cameras.set(camera, published)
  }

  /** Ends a camera's publisher and accepts no more. */
  async close(camera: string, reason: PublishLeaveReason): Promise<void> {
    this.#cameras.delete(camera)
    await this.end(camera, reason)
  }

  async end(camera: string, reason: PublishLeaveReason): Promise<void> {
    await this.#current.get(camera)?.dismiss(reason)
  }

  /** For the owner: the publisher may come back. @returns false if nobody publishes to the camera. */
  remove(camera: string): boolean {
    const publication = this.#current.get(camera)
    publication?.end('removed')
    return publication !== undefined
  }

  async endAll(reason: PublishLeaveReason): Promise<void> {
    await Promise.all(Array.from(this.#all, async (publication) => await publication.dismiss(reason)))
  }

  /**
   * Answers an offer to publish.
   * @param address of the client, for limits per network. @param reachedAt addresses at which it reached this server.
   * @throws AppError `no-such-camera`, `not-published`, `already-published`, or what `acceptPublisherOffer` finds wrong.
   */
  publish(camera: string, offerSdp: string, address = '', reachedAt: readonly string[] = []): Publication {
    const { media, srtp, fingerprint, addresses, publicAddress, config, log } = this.#options
    const published = this.#cameras.get(camera)
    if (published === undefined) throw noSuchCamera(camera)
    const { codec, source } = published
    if (source === undefined) throw notPublished(camera)
    const offer = acceptPublisherOffer(offerSdp, codec)
    const earlier = this.#current.get(camera)
    if (earlier !== undefined) {
      const waitMs = REPLACEABLE_AFTER_MS - earlier.silentMs
      if (waitMs > 0) throw alreadyPublished(camera, waitMs)
      earlier.end('superseded')
    }
    publicAddress.refresh()
    const unprovenChecks = new UnprovenChecks(this.#checksOf(address))
    unprovenChecks.received(Buffer.byteLength(offerSdp))
    const publication = new Publication({
      camera,
      address,
      offer,
      mux: media.mux,
      tcp: media.tcp,
      srtp,
      fingerprint,
      addresses: addresses(reachedAt),
      reflexive: publicAddress.known,
      maxCandidates: config.limits.maxCandidates,
      unprovenChecks,
      log,
    })
    this.#current.set(camera, publication)
    this.#all.add(publication)
    const { payloadType, rtxPayloadType, parameterSets, feedback } = offer
    const format = { payloadType, rtxPayloadType, parameterSets, feedback }
    publication.ended = publication.run(async () => await this.#run(camera, publication, published, format))
    void publication.ended.then(() => publication.end('asked-to-leave')) // later errors are ignored
    return publication
  }

  find(camera: string, id: string): Publication | undefined {
    const publication = this.#current.get(camera)
    return publication?.id === id ? publication : undefined
  }

  /** The publisher of a camera. */
  of(camera: string): Publication | undefined {
    return this.#current.get(camera)
  }

  views(): PublisherView[] {
    return Array.from(this.#current.values(), ({ view }) => view)
  }

  /** Since the start. */
  counts(camera: string): PublisherCounts {
    const running = [...this.#all].filter((publication) => publication.camera === camera)
    return running.reduce((sum, { incoming }) => withPublisher(sum, incoming), this.#endedOf(camera))
  }

  #endedOf(camera: string): PublisherCounts {
    return this.#ended.get(camera) ?? noPublisherCounts()
  }

  async #run(
    camera: string,
    publication: Publication,
    { codec, source, requestKeyframe }: PublishedCamera,
    format: Parameters<typeof runPublication>[0]['format'],
  ): Promise<PublishEnd> {
    const { log, publicAddress, timing = publishTiming } = this.#options
    const { peer, leave } = publication
    using _needsPublicAddress = publicAddress.use()
    const startedMs = performance.now()
    const seconds = (): number => Math.round((performance.now() - startedMs) / 100) / 10
    let reason: PublishEnd = 'connection-lost'
    try {
      reason = await runPublication({
        peer,
        codec,
        source: source!,
        format,
        cname: camera,
        requestKeyframe,
        leave,
        onLive: (incoming) => {
          publication.connected(incoming)
          log.info('publisher connected', { camera, transport: peer.transport, connectedAfterS: seconds() })
        },
        timing,
      })
    } catch (error) {
      log.error('publisher failed', { camera, error: String(error) })
    } finally {
      this.#all.delete(publication)
      this.#ended.set(camera, withPublisher(this.#endedOf(camera), publication.incoming))
      if (this.#current.get(camera) === publication) this.#current.delete(camera)
    }
    const { packets = 0, recovered = 0, givenUp = 0 } = publication.incoming ?? {}
    log.info('publisher left', { camera, reason, afterS: seconds(), packets, recovered, givenUp })
    return reason
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#cameras.clear()
    await this.endAll('asked-to-leave')
  }
}

const notPublished = (camera: string): AppError =>
  new AppError(
    'not-published',
    409,
    `${camera} has a device of its own: write device = "whip" in [${camera}] to publish to it`,
  )

/** RFC 9725 section 4.2.1 leaves the number of publishers to the server. */
const alreadyPublished = (camera: string, waitMs: number): AppError =>
  new AppError(
    'already-published',
    409,
    `another publisher sends to ${camera}; it is replaced once it has been silent for ${REPLACEABLE_AFTER_MS / 1000} s`,
    Math.ceil(waitMs / 1000),
  )
