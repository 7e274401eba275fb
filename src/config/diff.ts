import { isDeepStrictEqual } from 'node:util'
import { ungroupServer } from './assemble.js'
import { isExternal } from './device.js'
import { propertyOf, type CameraEffect } from './key.js'
import { KEYS, rowsOf, type TableKind } from './keys.js'
import type { CameraConfig, Config } from './types.js'

export interface ConfigDiff {
  /** As the file names them, without values, because some are secret; `camera3` alone if the camera was added or removed. */
  keys: string[]
  added: CameraConfig[]
  removed: string[]
  /** Cameras with another stream: their viewers have to negotiate again. */
  replaced: CameraConfig[]
  /** Keys of cameras with another capture process for the same stream: their viewers stay. */
  restarted: string[]
}

export function diffConfig(before: Config, after: Config): ConfigDiff {
  const old = new Map(before.cameras.map((camera) => [camera.key, camera]))
  const added = after.cameras.filter(({ key }) => !old.has(key))
  const removed = [...old.keys()].filter((key) => !after.cameras.some((camera) => camera.key === key))
  const kept = after.cameras
    .filter(({ key }) => old.has(key))
    .map((camera) => {
      const changed = changedKeys('camera', old.get(camera.key)!, camera)
      return { camera, changed, effect: effectOf(changed, old.get(camera.key)!, camera) }
    })
  const having = (wanted: CameraEffect): CameraConfig[] =>
    kept.filter(({ effect }) => effect === wanted).map(({ camera }) => camera)
  return {
    keys: [
      ...named('server', changedKeys('server', ungroupServer(before.server), ungroupServer(after.server))),
      ...named('webrtc', changedKeys('webrtc', before.webrtc, after.webrtc)),
      ...named('rtsp', changedKeys('rtsp', before.rtsp, after.rtsp)),
      ...named('limits', changedKeys('limits', before.limits, after.limits)),
      ...removed,
      ...added.map(({ key }) => key),
      ...kept.flatMap(({ camera, changed }) => named(camera.key, changed)),
    ],
    added,
    removed,
    replaced: having('reconnect'),
    restarted: having('restart').map(({ key }) => key),
  }
}

const named = (table: string, keys: readonly string[]): string[] => keys.map((key) => `${table}.${key}`)

function changedKeys(kind: TableKind, before: object, after: object): string[] {
  const [old, next] = [before, after] as Record<string, unknown>[]
  return Object.entries(rowsOf(kind))
    .filter(([name, row]) => {
      const property = propertyOf(name, row)
      return !isDeepStrictEqual(old![property], next![property])
    })
    .map(([name]) => name)
}

function effectOf(changed: readonly string[], before: CameraConfig, after: CameraConfig): CameraEffect {
  const rows = { ...KEYS.camera, ...KEYS.video }
  const effects = (Object.keys(rows) as (keyof typeof rows)[])
    .filter((name) => changed.includes(name))
    .map((name) => {
      const { applies, except } = rows[name]
      return except?.when(before.device, after.device) === true ? except.applies : applies
    })
  if (effects.includes('reconnect')) return 'reconnect'
  // Others send the RTP: there is no process to restart.
  return !isExternal(after.device) && effects.includes('restart') ? 'restart' : 'live'
}
