import { DtlsClient, DtlsServer, type RTCCertificate } from 'werift'
import { deadline } from '../lib/deadline.js'
import type { SrtpProfile } from '../srtp/profile.js'
import { memoryPipe } from './transport.js'

const WARM_UP_LIMIT_MS = 1000

/** One handshake with ourselves, while the camera is starting anyway: or the first viewer waits for code to be compiled. */
export async function shakeHandsInMemory(
  { certPem, privateKey, signatureHash }: RTCCertificate,
  srtpProfiles: SrtpProfile[],
): Promise<void> {
  const [ours, theirs] = memoryPipe()
  const identity = { cert: certPem, key: privateKey, signatureHash, certificateRequest: true }
  const options = { ...identity, srtpProfiles, extendedMasterSecret: true }
  const server = new DtlsServer({ ...options, transport: ours as never })
  const client = new DtlsClient({ ...options, transport: theirs as never })
  using limit = deadline(WARM_UP_LIMIT_MS, undefined)
  const connected = new Promise<void>((resolve) => server.onConnect.once(resolve))
  const failed = client.connect().catch(() => {
    // Then the first viewer is slower, or learns why it fails.
  })
  await Promise.race([connected, failed, limit.reached])
}
