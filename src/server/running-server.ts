import { readFile } from 'node:fs/promises'
import type { Machine } from '../camera/gstreamer/machine.js'
import type { Config } from '../config/types.js'
import type { ReloadableCertificate } from '../http/tls/reloadable-certificate.js'
import { waitingBytesByPort } from '../systemd/proc-net-udp.js'
import type { MediaProgress } from '../systemd/stall-check.js'
import { statusLine } from '../systemd/status-line.js'
import type { ViewerRegistry } from '../viewer/registry.js'
import type { MediaPort } from '../viewer/transport/media-port.js'
import type { ServerAddresses } from './addresses.js'
import { progressOf } from './camera-views.js'
import type { Cameras } from './cameras.js'
import type { LiveConfig } from './live-config.js'
import type { Ports } from './ports.js'

/** A server as main and the service manager see it. */
export interface RunningServer extends AsyncDisposable {
  /** Where to watch, as a user on another machine types it. */
  readonly url: string
  readonly webPort: number
  readonly udpPort: number
  /** The configuration in force. */
  readonly config: Config
  /**
   * Applies another configuration. Unchanged parts run on: viewers of unchanged cameras notice nothing. A port that cannot be moved
   * is logged. Calls are queued.
   * @throws ConfigError when its certificate cannot be used; then nothing changes.
   */
  reload(next: Config, machine: Machine): Promise<void>
  /** One line for the service manager: what is live, how many watch, what fails and why. */
  status(): string
  /** Packet counts along the path, to be compared with an earlier sample. */
  progress(): Promise<MediaProgress>
}

interface ServerParts {
  live: LiveConfig
  certificate: ReloadableCertificate
  addresses: ServerAddresses
  cameras: Cameras
  media: MediaPort
  viewers: ViewerRegistry
  ports: Ports
  reload: RunningServer['reload']
}

/** @param owner closes every part. */
export const runningServer = (
  { live, certificate, addresses, cameras, media, viewers, ports, reload }: ServerParts,
  owner: AsyncDisposable,
): RunningServer => ({
  get url() {
    return `${certificate.inForce ? 'https' : 'http'}://${inUrl(addresses.page())}:${ports.webPort}`
  },
  get webPort() {
    return ports.webPort
  },
  get udpPort() {
    return media.mux.port
  },
  get config() {
    return live
  },
  reload,
  status: () => {
    const states = cameras.inOrder().map(({ config: { key }, camera }) => ({ key, ...camera.status() }))
    const watching = states.reduce((sum, { key }) => sum + viewers.count(key), 0)
    return statusLine(states, watching)
  },
  progress: async () => {
    const waiting = waitingBytesByPort(await readFile('/proc/net/udp', 'utf8').catch(() => ''))
    return cameras.mapByKey((part, key) => progressOf(part, viewers.stats(key), waiting))
  },
  [Symbol.asyncDispose]: async () => await owner[Symbol.asyncDispose](),
})

const inUrl = (address: string): string => (address.includes(':') ? `[${address}]` : address)
