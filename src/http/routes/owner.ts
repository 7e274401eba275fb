import type { HttpBindings } from '@hono/node-server'
import { Hono, type Context, type MiddlewareHandler } from 'hono'
import { AppError } from '../../errors.js'
import { parseBoundedJson } from '../../lib/bounded-json.js'
import { needs } from '../auth/permission.js'
import type {
  AppliedAnswer,
  DevicesAnswer,
  DoctorAnswer,
  LogAnswer,
  PreviewAnswer,
  SettingsAnswer,
  SettingsChange,
  SettingValue,
  SizesAnswer,
} from './owner-answer.js'

/** All that the owner's page needs of the program beside the routes for every client. */
export interface OwnerParts {
  settings: {
    describe(): Promise<SettingsAnswer>
    /** @throws AppError */
    preview(change: SettingsChange): Promise<PreviewAnswer>
    /** Resolves when the change is in force. @param preview of the change as it was shown. @throws AppError */
    apply(change: SettingsChange, preview: string): Promise<AppliedAnswer>
    /** @throws AppError */
    undo(): Promise<AppliedAnswer>
  }
  devices(): Promise<DevicesAnswer>
  /** @throws AppError `no-such-camera` */
  sizes(camera: string): Promise<SizesAnswer>
  diagnose(): Promise<DoctorAnswer>
  /** The last lines, the oldest first. @param after the number of a line: only later ones. */
  log(after: number): LogAnswer
  /** @returns what ends the program. @throws AppError `no-supervisor` if nothing would start it again. */
  restart(): Promise<() => void>
}

export const MAX_OWNER_BODY_BYTES = 16 * 1024
/** A form has fewer fields. */
const MAX_VALUES = 32
const MAX_TEXT_LENGTH = 1000

const NO_STORE = { 'cache-control': 'no-store' }

/**
 * Settings of the cameras, devices, doctor, log and restart: for administrators only.
 * @param readBody sets `body` of the context, within its limit.
 */
export function ownerRoutes(parts: OwnerParts, readBody: MiddlewareHandler): Hono {
  const { settings } = parts
  const routes = new Hono()
  const administer = needs('administer')
  routes.get('/api/settings', administer, async (c) => c.json(await settings.describe(), 200, NO_STORE))
  routes.post('/api/settings/preview', administer, readBody, async (c) =>
    c.json(await settings.preview(changeOf(bodyOf(c))), 200, NO_STORE),
  )
  routes.post('/api/settings', administer, readBody, async (c) => {
    const body = bodyOf(c)
    const { preview } = body
    if (typeof preview !== 'string') throw badBody('has no "preview": POST /api/settings/preview returns it')
    return c.json(await settings.apply(changeOf(body), preview), 200, NO_STORE)
  })
  routes.post('/api/settings/undo', administer, async (c) => c.json(await settings.undo(), 200, NO_STORE))
  routes.get('/api/devices', administer, async (c) => c.json(await parts.devices(), 200, NO_STORE))
  routes.get('/api/cameras/:camera/sizes', administer, async (c) =>
    c.json(await parts.sizes(c.req.param('camera')), 200, NO_STORE),
  )
  routes.get('/api/doctor', administer, async (c) => c.json(await parts.diagnose(), 200, NO_STORE))
  routes.get('/api/log', administer, (c) => {
    const after = c.req.query('after') ?? '0'
    if (!/^\d{1,15}$/.test(after)) throw new AppError('bad-after', 400, 'after is not the number of a line')
    return c.json(parts.log(Number(after)), 200, NO_STORE)
  })
  routes.post('/api/restart', administer, async (c) => {
    const restart = await parts.restart()
    const { outgoing } = (c.env ?? {}) as Partial<HttpBindings>
    // After the answer: the end of the program closes its connections.
    if (outgoing === undefined) queueMicrotask(restart)
    else outgoing.once('close', restart)
    return c.json({ restarting: true }, 202, NO_STORE)
  })
  return routes
}

const badBody = (problem: string): AppError => new AppError('bad-body', 400, `the body ${problem}`)

/** As for the controls: a page of another origin cannot send this type without a preflight. */
function bodyOf(c: Context): Record<string, unknown> {
  const [type = ''] = (c.req.header('content-type') ?? '').split(';')
  if (type.trim().toLowerCase() !== 'application/json') {
    c.header('accept-post', 'application/json')
    throw new AppError(
      'unsupported-media-type',
      415,
      'send application/json, such as {"camera": "camera1", "values": {"width": 640}}',
    )
  }
  let value: unknown
  try {
    value = parseBoundedJson(c.get('body'))
  } catch (error) {
    throw badBody((error as Error).message)
  }
  if (!isObject(value)) throw badBody('is not an object, such as {"add": "/dev/video0"}')
  return value
}

function changeOf(body: Record<string, unknown>): SettingsChange {
  const { add, camera, values } = body
  if (typeof add === 'string' && camera === undefined && values === undefined) {
    if (add.length > MAX_TEXT_LENGTH) throw badBody('has a device that is too long')
    return { add }
  }
  if (typeof camera !== 'string' || !isObject(values) || add !== undefined)
    throw badBody('has neither "camera" and "values" nor "add"')
  const entries = Object.entries(values)
  if (entries.length > MAX_VALUES) throw badBody(`has more than ${MAX_VALUES} values`)
  for (const [name, value] of entries) {
    // Other names are of no table, and `__proto__` would not be a key.
    if (!/^[a-z][a-z\d-]{0,40}$/.test(name))
      throw badBody(`has no key in ${JSON.stringify(name.slice(0, 60))}`)
    if (!isSetting(value))
      throw badBody(`has a value of ${name} that is no number, true, false, text or null`)
  }
  return { camera, values: Object.fromEntries(entries) as Record<string, SettingValue | null> }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isSetting = (value: unknown): value is SettingValue | null =>
  value === null ||
  typeof value === 'boolean' ||
  (typeof value === 'number' && Number.isFinite(value)) ||
  (typeof value === 'string' && value.length <= MAX_TEXT_LENGTH)
