import type { Log } from '../log.js'
import type { VideoCodec } from '../rtp/packet.js'
import type { SrtpBatch } from '../srtp/stream.js'
import type { CameraStream, Quality } from './media/source.js'
import type { ReflexiveAddresses } from './session-setup.js'
import type { SessionTiming } from './session.js'
import type { ViewerLimits } from './slots.js'
import type { OfferedAddress } from './transport/host-addresses.js'
import type { TcpMux } from './transport/tcp-mux.js'
import type { UdpMux } from './transport/udp-mux.js'

export interface StreamOfCamera extends CameraStream {
  codec: VideoCodec
  /** The small size; undefined while the camera has one. */
  readonly low?: CameraStream | undefined
  /** Called for every admitted viewer, and disposed when it has left, so that a camera may capture on demand. */
  watch?(): Disposable
}

export interface RegistryOptions {
  /** The cameras that can be watched from the start. */
  streams?: ReadonlyMap<string, StreamOfCamera>
  /** The ports for new viewers; read for every viewer, since a reload may move them. */
  media: { readonly mux: UdpMux; readonly tcp?: TcpMux | undefined }
  /** Protects the packets of all viewers. */
  srtp: SrtpBatch
  /** SHA-256 of our certificate, as the answer shows it. */
  fingerprint: string
  /**
   * The addresses to offer, the preferred one first; read for every viewer, since interfaces come and go.
   * @param reachedAt the addresses at which the client reached this server.
   */
  addresses: (reachedAt: readonly string[]) => OfferedAddress[]
  /** Networks of this machine, such as `192.168.1.20/24`: they tell where a client is that does not connect. */
  networks?: () => readonly string[]
  /** Our addresses as the Internet sees them, if a STUN server is asked. */
  publicAddress?: ReflexiveAddresses
  /** Read for every viewer. */
  config: { readonly webrtc: { readonly maxClients: number }; readonly limits: ViewerLimits }
  log: Log
  timing?: SessionTiming
}

export interface AboutClient {
  /** The addresses at which the client reached this server. */
  reachedAt?: readonly string[]
  /** A secret of the page: its earlier session ends, and the new one gets the slot. */
  tab?: string | undefined
  /** The size that it asks for; `auto` unless told. */
  quality?: Quality | undefined
  /** The socket whose sessions, over WebRTC and over HTTP, share a slot. */
  client?: object | undefined
}

export const NO_PUBLIC_ADDRESS: ReflexiveAddresses = {
  known: [],
  isAsking: false,
  refresh: () => {},
  use: () => ({ [Symbol.dispose]: () => {} }),
  onChange: () => ({ [Symbol.dispose]: () => {} }),
}
