import type { Config } from '../config/types.js'
import { createAccessControl, type AccessControl } from '../http/auth/access-control.js'
import { createReloadableAccess, type ReloadableAccess } from '../http/auth/reloadable-access.js'
import { createMachineNames } from '../lib/machine-names.js'
import type { Log } from '../log.js'
import type { ConfigChange, Reloadable } from './apply-config.js'

/** Who may do what, by the configuration in force. */
export function createServerAccess(config: Config, log: Log): ReloadableAccess & Reloadable {
  const machineNames = createMachineNames()
  const accessOf = ({ server, cameras }: Config): AccessControl =>
    createAccessControl(
      { ...server.access, publishTokens: publishTokensOf(cameras) },
      { webPort: server.webPort, tls: server.tls !== undefined, machineNames, log },
    )
  const access = createReloadableAccess(accessOf(config))
  // Assigned, since a copy would keep the values that its getters have now.
  return Object.assign(access, {
    // Unchanged settings keep the throttle's counts of failed logins.
    apply({ before, next }: ConfigChange) {
      if (settingsOf(before) !== settingsOf(next)) access.replace(accessOf(next))
    },
  })
}

/** Ends everything that was opened with credentials that no longer exist. */
export const endSessionsOfOldCredentials = (end: () => Promise<void>): Reloadable => ({
  async apply({ before, next }) {
    if (credentialsOf(before) !== credentialsOf(next)) await end()
  },
})

const settingsOf = ({ server: { access, webPort, tls }, cameras }: Config): string =>
  JSON.stringify([access, webPort, tls !== undefined, [...publishTokensOf(cameras)]])

const publishTokensOf = (cameras: Config['cameras']): Map<string, string> =>
  new Map(
    cameras.flatMap(({ key, device, whipToken }) =>
      device.kind === 'whip' && whipToken !== undefined ? [[key, whipToken] as const] : [],
    ),
  )

const credentialsOf = ({ server: { access } }: Config): string =>
  JSON.stringify([access.login?.username, access.login?.passwordText, access.token])
