import { propertyOf, type AnyKey, type Properties } from './key.js'
import { KEYS } from './keys.js'
import type { CheckedFile, Values } from './schema.js'
import type { CameraConfig, Config, ServerProperties } from './types.js'

/** Fills in the values that depend on another key or on the number of the camera. */
export function toConfig(file: CheckedFile): Config {
  const tables: Record<string, Values> = { ...file, cameras: {} }
  const properties = <Rows extends Record<string, AnyKey>>(
    rows: Rows,
    values: Values,
    cameraNumber = 0,
  ): Properties<Rows> => {
    const valueOf = (name: string, { sameAs, perCamera }: AnyKey): unknown => {
      if (values[name] !== undefined) return values[name]
      const [table = '', key = ''] = sameAs?.split('.') ?? []
      return perCamera === undefined ? tables[table]?.[key] : perCamera.of(cameraNumber)
    }
    return Object.fromEntries(
      Object.entries(rows).map(([name, row]) => [propertyOf(name, row), valueOf(name, row)]),
    ) as Properties<Rows>
  }
  const camera = (key: string, values: Values): CameraConfig => ({
    key,
    ...properties(KEYS.camera, values, cameraNumber(key)),
    ...properties(KEYS.video, { ...file.video, ...values }),
  })
  return {
    server: groupServer(properties(KEYS.server, file.server)),
    cameras: Object.entries(file.cameras)
      .sort(([a], [b]) => cameraNumber(a) - cameraNumber(b))
      .map(([key, values]) => camera(key, values)),
    webrtc: properties(KEYS.webrtc, file.webrtc),
    rtsp: properties(KEYS.rtsp, file.rtsp),
    limits: properties(KEYS.limits, file.limits),
  }
}

const cameraNumber = (key: string): number => Number(key.slice('camera'.length))

/** One key of a pair without the other is a conflict, which findConflicts reports. */
function groupServer(all: ServerProperties): Config['server'] {
  const { tlsCert, tlsKey, username, password, token, allowOrigins, names, ...server } = all
  return {
    ...server,
    tls: tlsCert === undefined || tlsKey === undefined ? undefined : { certPath: tlsCert, keyPath: tlsKey },
    access: {
      login: username === undefined || password === undefined ? undefined : { username, ...password },
      token,
      allowOrigins,
      names,
    },
  }
}

/** The reverse of groupServer. */
export function ungroupServer({ tls, access, ...server }: Config['server']): ServerProperties {
  const { login, ...others } = access
  return {
    ...server,
    ...others,
    tlsCert: tls?.certPath,
    tlsKey: tls?.keyPath,
    username: login?.username,
    password: login && { password: login.password, passwordText: login.passwordText },
  }
}
