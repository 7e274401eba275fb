import type { NetworkInterfaceInfo } from 'node:os'
import type { Config } from '../config/types.js'
import { offeredAddresses } from '../viewer/transport/host-addresses.js'
import { ok, warning, type Check } from './check.js'

/** Where recorders find the cameras, and who may read them. */
export function checkRtsp(
  { rtsp, server, cameras }: Config,
  interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>,
): Check[] {
  if (rtsp.port === undefined) return []
  const { bindIp, piIp, access } = server
  const [preferred] = offeredAddresses({ bindIp, piIp, announce: [], interfaces })
  const host = preferred?.address ?? '127.0.0.1'
  const url = `rtsp://${host.includes(':') ? `[${host}]` : host}:${rtsp.port}/${cameras[0]!.key}`
  if (access.login === undefined && access.token === undefined)
    return [
      warning(
        'rtsp',
        'RTSP',
        `${url} is open to everyone in the network, and not encrypted`,
        'Set token in [server]: recorders use the user name "token" with it',
      ),
    ]
  const isHashed = access.login !== undefined && access.login.password.kind !== 'plain'
  return [ok('rtsp', 'RTSP', `${url}, not encrypted; ${isHashed ? 'Basic only' : 'Digest and Basic'}`)]
}
