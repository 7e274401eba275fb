import { Hono, type MiddlewareHandler } from 'hono'
import { isControlValue, type ControlValue } from '../../config/controls.js'
import { AppError, invalidControl, noSuchCamera } from '../../errors.js'
import { parseBoundedJson } from '../../lib/bounded-json.js'
import { needs } from '../auth/permission.js'

/** All this file needs of a camera. */
export interface ControlledCamera {
  readonly key: string
  readonly isUnsaved: boolean
  /** `kind`, `controls` and perhaps `why`, as docs/http-api.md describes them. */
  describe(): Promise<object>
  /** Resolves when the change is in force. @throws AppError */
  change(patch: Readonly<Record<string, ControlValue | null>>): Promise<void>
  /** @throws AppError */
  save(): Promise<object>
}

/** More than a camera has controls. */
const MAX_CHANGES = 100
export const MAX_CONTROLS_BODY_BYTES = 16 * 1024

const NO_STORE = { 'cache-control': 'no-store' }

/**
 * `/api/cameras/camera1/controls`: what can be changed while a camera runs.
 * @param readBody sets `body` of the context, within its limit.
 */
export function controlRoutes(
  cameraNamed: (key: string) => ControlledCamera | undefined,
  readBody: MiddlewareHandler,
): Hono {
  const routes = new Hono()
  const find = (key: string): ControlledCamera => {
    const camera = cameraNamed(key)
    if (camera === undefined) throw noSuchCamera(key)
    return camera
  }
  const describe = async (camera: ControlledCamera): Promise<object> => ({
    camera: camera.key,
    ...(await camera.describe()),
    unsaved: camera.isUnsaved,
  })

  routes.get('/api/cameras/:camera/controls', needs('administer'), async (c) =>
    c.json(await describe(find(c.req.param('camera'))), 200, NO_STORE),
  )
  routes.patch('/api/cameras/:camera/controls', needs('administer'), readBody, async (c) => {
    const camera = find(c.req.param('camera'))
    const [type = ''] = (c.req.header('content-type') ?? '').split(';')
    if (type.trim().toLowerCase() !== 'application/json') {
      c.header('accept-patch', 'application/json')
      throw new AppError('unsupported-media-type', 415, 'send application/json, such as {"brightness": 0.2}')
    }
    await camera.change(patchOf(c.get('body')))
    return c.json(await describe(camera), 200, NO_STORE)
  })
  routes.post('/api/cameras/:camera/controls/save', needs('administer'), async (c) =>
    c.json(await find(c.req.param('camera')).save(), 200, NO_STORE),
  )
  return routes
}

function patchOf(body: string): Readonly<Record<string, ControlValue | null>> {
  const value = parsed(body)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new AppError('bad-body', 400, 'the body is not an object, such as {"brightness": 0.2}')
  const entries = Object.entries(value)
  if (entries.length > MAX_CHANGES)
    throw invalidControl(`at most ${MAX_CHANGES} controls can be changed at once`)
  for (const [name, one] of entries) {
    // Other names are of no camera, and `__proto__` would not be a key.
    if (!/^[a-z\d][\w-]{0,63}$/i.test(name)) throw invalidControl(`${JSON.stringify(name)} is not a control`)
    if (one !== null && !isControlValue(one))
      throw invalidControl(`${name}: the value is no number, true, false, text or list of numbers`)
  }
  // TOML has no -0.
  return Object.fromEntries(entries.map(([name, one]) => [name, one === 0 ? 0 : one]))
}

function parsed(body: string): unknown {
  try {
    return parseBoundedJson(body)
  } catch (error) {
    throw new AppError('bad-body', 400, `the body ${(error as Error).message}`)
  }
}
