import type { AnyKey } from './key.js'
import { KEYS } from './keys.js'

const secretsIn = (rows: Record<string, AnyKey>): string[] =>
  Object.entries(rows)
    .filter(([, { kind }]) => kind.isSecret)
    .map(([name]) => name)

/** Of [cameraN]. */
export const SECRET_CAMERA_KEYS: readonly string[] = secretsIn(KEYS.camera)

/** Keys whose values no message may show. */
export const SECRET_KEYS: readonly string[] = [
  ...secretsIn(KEYS.server),
  ...secretsIn(KEYS.webrtc),
  ...SECRET_CAMERA_KEYS,
]
