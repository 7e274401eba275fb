import { isDeepStrictEqual } from 'node:util'
import type { CameraConfig, Config } from './types.js'

/** What a configuration asks for that another did not. */
export interface ConfigDiff {
  /** As the file names them, without values, for some are secret; `camera3` alone for one that is new or gone. */
  keys: string[]
  added: CameraConfig[]
  /** By key. */
  removed: string[]
  /** Another stream than before: its viewers have to negotiate anew. */
  replaced: CameraConfig[]
  /** Another capture process for the same stream: its viewers stay. By key. */
  restarted: string[]
}

/** What takes effect without a new process; the rest of a camera's keys is in the command line that captures it. */
const IN_PLACE: readonly (keyof CameraConfig)[] = ['name', 'webrtcPort', 'onDemand', 'onDemandCloseAfterMs']

export function diffConfig(before: Config, after: Config): ConfigDiff {
  const old = new Map(before.cameras.map((camera) => [camera.key, camera]))
  const kept = after.cameras.filter(({ key }) => old.has(key))
  const added = after.cameras.filter(({ key }) => !old.has(key))
  const removed = [...old.keys()].filter((key) => !after.cameras.some((camera) => camera.key === key))
  const effects = kept.map((camera) => ({ camera, effect: effectOf(old.get(camera.key)!, camera) }))
  const having = (wanted: Effect): CameraConfig[] =>
    effects.filter(({ effect }) => effect === wanted).map(({ camera }) => camera)
  return {
    keys: [
      ...differences(settingsOf(before), settingsOf(after)),
      ...removed,
      ...added.map(({ key }) => key),
      ...kept.flatMap((camera) =>
        differences(namesOf(camera.key, old.get(camera.key)!), namesOf(camera.key, camera)),
      ),
    ],
    added,
    removed,
    replaced: having('replace'),
    restarted: having('restart').map(({ key }) => key),
  }
}

type Effect = 'replace' | 'restart' | 'none'

function effectOf(before: CameraConfig, after: CameraConfig): Effect {
  const changed = (Object.keys(after) as (keyof CameraConfig)[]).filter(
    (key) => !isDeepStrictEqual(before[key], after[key]),
  )
  // Another program's packets come to a port of its own choice: there is no process to start anew.
  const isOtherSender =
    changed.includes('device') && (before.device.kind === 'rtp' || after.device.kind === 'rtp')
  if (isOtherSender || changed.includes('codec')) return 'replace'
  if (after.device.kind === 'rtp') return 'none'
  const isShown = after.device.kind === 'test' && changed.includes('name') // the test picture has it drawn in
  return isShown || changed.some((key) => !IN_PLACE.includes(key)) ? 'restart' : 'none'
}

/** Every key beside the cameras', by the name it has in the file. */
function settingsOf({ cameras: _, ...tables }: Config): Map<string, unknown> {
  const { access, tls, ...server } = tables.server
  const written = {
    ...tables,
    limits: inSeconds(tables.limits),
    server: {
      ...server,
      tlsCert: tls?.certPath,
      tlsKey: tls?.keyPath,
      username: access.login?.username,
      password: access.login?.passwordText,
      token: access.token,
      allowOrigins: access.allowOrigins,
      names: access.names,
    },
  }
  return new Map(Object.entries(written).flatMap(([table, keys]) => [...namesOf(table, keys)]))
}

/** Those of [limits] that are times say so in the file. */
const inSeconds = (limits: object): object =>
  Object.fromEntries(Object.entries(limits).map(([name, value]) => [name.replace(/Ms$/, 'Seconds'), value]))

const namesOf = (table: string, keys: object): Map<string, unknown> =>
  new Map(Object.entries(keys).map(([key, value]) => [`${table}.${kebabCase(key)}`, value]))

/** The unit that a name has in the program is not in the file. */
const kebabCase = (name: string): string =>
  name.replace(/Ms$/, '').replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

const differences = (before: Map<string, unknown>, after: Map<string, unknown>): string[] =>
  [...after.keys()].filter((name) => !isDeepStrictEqual(before.get(name), after.get(name)))
