import { DtlsClient, DtlsServer, type RTCCertificate } from 'werift'
import { deadline } from '../../lib/deadline.js'
import type { SrtpProfile } from '../../srtp/profile.js'
import { memoryPipe } from './socket-adapter.js'

const WARM_UP_LIMIT_MS = 1000

/** A handshake in memory, so that the first viewer does not wait for V8 to compile it. @returns undefined if it failed. */
export async function warmUpDtls(
  { certPem, privateKey, signatureHash }: RTCCertificate,
  srtpProfiles: SrtpProfile[],
): Promise<DtlsServer | undefined> {
  const [ours, theirs] = memoryPipe()
  const identity = { cert: certPem, key: privateKey, signatureHash, certificateRequest: true }
  const options = { ...identity, srtpProfiles, extendedMasterSecret: true }
  const server = new DtlsServer({ ...options, transport: ours as never })
  const client = new DtlsClient({ ...options, transport: theirs as never })
  using limit = deadline(WARM_UP_LIMIT_MS, undefined)
  const connected = new Promise<DtlsServer>((resolve) => server.onConnect.once(() => resolve(server)))
  const failed = new Promise<undefined>((resolve) => {
    client.connect().catch(() => resolve(undefined))
  })
  return await Promise.race([connected, failed, limit.reached])
}
