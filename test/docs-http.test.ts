import { expect, test } from 'vitest'
import { writeMetrics } from '../src/http/routes/metrics.js'
import type { CameraMetrics } from '../src/http/routes/metrics-facts.js'
import { basic, TOKEN } from './support/access.js'
import { codeSpans, filesBelow, readFile, wrongNames } from './support/docs.js'
import { wholeApp } from './support/whole-app.js'

/** docs/http-api.md and docs/openapi.json describe the routes, permissions, codes and metrics of the program. */

const httpApi = readFile('docs/http-api.md')
const signalling = readFile('docs/signalling.md')
const app = wholeApp()

/** Routes as Hono has them. ALL is middleware, or answers the methods that have no route. */
const routes = app.routes.filter(({ method }) => method !== 'ALL')
const templateOf = (path: string): string => path.replaceAll(/:(\w+)(?:\{[^}]*\})?/g, '{$1}')
const patternOf = (path: string): RegExp =>
  new RegExp(
    `^${path.replaceAll('.', '\\.').replaceAll(/:\w+(?:\{([^}]*)\})?/g, (_, pattern?: string) => pattern ?? '[^/]+')}$`,
  )
const exampleOf = (template: string): string =>
  template.replaceAll('{camera}', 'camera1').replaceAll('{name}', 'app.js').replaceAll('{id}', '7')

const answersOptions = async (path: string): Promise<boolean> =>
  (await app.request(path, { method: 'OPTIONS', headers: { authorization: basic() } })).status === 204
const optionsTemplates: string[] = []
for (const template of new Set(routes.map(({ path }) => templateOf(path))))
  if (await answersOptions(exampleOf(template))) optionsTemplates.push(template)

/** `GET /{camera}/snapshot.jpg`: every operation of the program. */
const operations = [
  ...new Set([
    ...routes.map(({ method, path }) => `${method} ${templateOf(path)}`),
    ...optionsTemplates.map((template) => `OPTIONS ${template}`),
  ]),
].sort()

interface Operation {
  security: Record<string, string[]>[]
  responses: Record<string, unknown>
  parameters?: { name?: string; in?: string; $ref?: string }[]
}
const openApi = JSON.parse(readFile('docs/openapi.json')) as {
  openapi: string
  paths: Record<string, Record<string, Operation>>
  components: Record<string, Record<string, { name?: string; in?: string }>>
}
const described = Object.entries(openApi.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
)

test('docs/openapi.json has every operation of the program, and no other', () => {
  expect(operations.length).toBeGreaterThan(30)
  expect(described.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(operations)
})

/** The permission that an operation declares, as the role names of OpenAPI 3.1. */
function permissionOf({ security }: Operation): string {
  if (security.some((requirement) => Object.keys(requirement).length === 0)) return 'public'
  const roles = new Set(security.flatMap((requirement) => Object.values(requirement).flat()))
  return [...roles].join(', ')
}

test.each(described)(
  'docs/openapi.json has the permission and the statuses of $method $path',
  async (one) => {
    const statusWith = async (headers: Record<string, string>): Promise<number> =>
      (await app.request(exampleOf(one.path), { method: one.method, headers })).status
    const statuses = {
      none: await statusWith({}),
      token: await statusWith({ authorization: `Bearer ${TOKEN}` }),
      password: await statusWith({ authorization: basic() }),
    }
    const permission =
      statuses.none !== 401
        ? 'public'
        : statuses.token === 401
          ? 'publish'
          : statuses.token !== 403
            ? 'watch'
            : 'administer'
    expect(permissionOf(one.operation)).toBe(permission)
    const documented = Object.keys(one.operation.responses).map(Number)
    expect(Object.values(statuses).filter((status) => !documented.includes(status))).toEqual([])
  },
)

test.each(described)(
  'docs/openapi.json declares the path parameters of $method $path',
  ({ path, operation }) => {
    const declared = (operation.parameters ?? []).map(({ $ref, ...own }) => {
      if ($ref === undefined) return own
      const [, , kind, name] = $ref.split('/') as [string, string, string, string]
      return openApi.components[kind]![name]!
    })
    const inPath = declared.filter((parameter) => parameter.in === 'path').map(({ name }) => name)
    expect(inPath.sort()).toEqual(Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => name!).sort())
  },
)

test('every reference within docs/openapi.json has a target, and every component is used', () => {
  const references = Array.from(readFile('docs/openapi.json').matchAll(/"#\/([^"]+)"/g), ([, path]) => path!)
  const targets = Object.entries(openApi.components)
    .filter(([kind]) => kind !== 'securitySchemes')
    .flatMap(([kind, items]) => Object.keys(items).map((name) => `components/${kind}/${name}`))
  expect([...new Set(references)].sort()).toEqual(targets.sort())
})

/** `GET /camera1/snapshot.jpg` in inline code. */
const mentionsIn = (text: string): { method: string; path: string }[] =>
  codeSpans(text).flatMap((code) =>
    Array.from(
      code.matchAll(/\b(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (\/[^\s"'?,]*)/g),
      ([, method, path]) => ({
        method: method === 'HEAD' ? 'GET' : method!,
        path: path!.replaceAll(/cameraN\b|\{camera\}|:camera\b/g, 'camera1'),
      }),
    ),
  )
const isRoute = ({ method, path }: { method: string; path: string }): boolean =>
  method === 'OPTIONS'
    ? optionsTemplates.some((template) => patternOf(template.replaceAll(/\{(\w+)\}/g, ':$1')).test(path))
    : routes.some((route) => route.method === method && patternOf(route.path).test(path))

test('docs/http-api.md lists every operation of the program', () => {
  const mentions = mentionsIn(httpApi)
  const missing = operations.filter((operation) => {
    const [method, template] = operation.split(' ') as [string, string]
    const pattern = patternOf(template.replaceAll(/\{(\w+)\}/g, ':$1'))
    return !mentions.some((mention) => mention.method === method && pattern.test(mention.path))
  })
  expect(missing).toEqual([])
})

test('no page names a route that does not exist', () => {
  const namesIn = (text: string): string[] => mentionsIn(text).map(({ method, path }) => `${method} ${path}`)
  const isRight = (name: string): boolean => {
    const [method, path] = name.split(' ') as [string, string]
    return isRoute({ method, path })
  }
  expect(isRight('GET /camera1/snapshot.jpg')).toBe(true)
  expect(isRight('GET /camera1/snapshot.png')).toBe(false)
  expect(wrongNames(namesIn, isRight)).toEqual([])
})

const camera: CameraMetrics = {
  state: 'live',
  restarts: 1,
  restartsByCause: { crashed: 1 },
  packets: 1,
  frames: 1,
  pushes: [
    {
      name: 'live.example.org',
      state: 'live',
      required: false,
      problem: undefined,
      liveForMs: 1000,
      retryInMs: undefined,
      reconnects: 0,
      total: {
        packets: 1,
        octets: 1,
        nacked: 0,
        retransmitted: 0,
        keyframeRequests: 0,
        framesDropped: 0,
      },
      path: { congested: false, availableBitrateBps: 1, fractionLost: 0, roundTripMs: 1, relayed: true },
    },
  ],
  publication: {
    publisher: {
      camera: 'camera1',
      address: '192.0.2.1',
      transport: 'udp',
      forMs: 1,
      connectedForMs: 1,
      bitrateBps: 1,
      fractionLost: 0,
      jitterMs: 1,
    },
    counts: {
      connections: 1,
      packets: 1,
      octets: 1,
      retransmitted: 1,
      recovered: 1,
      lost: 1,
      keyframeRequests: 1,
    },
  },
  audio: { state: 'live', restarts: 0, packets: 1 },
  warnings: ['rare-keyframes'],
  captureDelayMs: 1,
  keyframes: 1,
  keyframeRequests: 1,
  keyframeAnswers: 1,
  keyframeAnswerSumMs: 1,
  viewers: 1,
  viewersCongested: 1,
  viewersLow: 1,
  viewersTcp: 1,
  viewersHttp: 1,
  viewersRtsp: 1,
  sentPackets: 1,
  sentBytes: 1,
  nackedPackets: 1,
  retransmittedPackets: 1,
  viewerKeyframeRequests: 1,
  framesDropped: 1,
  lowestAvailableBitrateBps: 1,
  highestRoundTripMs: 1,
}
/** Every family of /metrics with its type and the names of its labels. */
const families = new Map<string, { type: string; labels: string }>()
const exposition = writeMetrics({
  version: '1.0.0',
  uptimeS: 1,
  connectFailures: { 'no-reply': 1 },
  process: {
    residentBytes: 1,
    heapUsedBytes: 1,
    cpuSeconds: 1,
    openFileDescriptors: 1,
    eventLoopLag: { medianMs: 1, p99Ms: 1, maxMs: 1 },
  },
  implementations: { srtp: 'simd', aes: { by: 'openssl', profile: 'aes-cm' }, udpSend: 'direct' },
  stun: { requests: 2, responses: 1, forged: 0 },
  unfinishedBytes: 1,
  cameras: { camera1: camera },
})
for (const [, name, type] of exposition.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
  const sample = new RegExp(`^${name}(?:_sum)?(?:\\{(.*)\\})? `, 'm').exec(exposition)
  const labels = Array.from((sample?.[1] ?? '').matchAll(/(\w+)="/g), ([, label]) => label!)
  families.set(name!, { type: type!, labels: labels.map((label) => `\`${label}\``).join(', ') })
}

test('docs/http-api.md has a row for every metric, with its type and labels', () => {
  expect(families.size).toBeGreaterThan(20)
  const wrong = Array.from(families, ([name, { type, labels }]) =>
    `| \`${name}\` | ${type} | ${labels}`.trimEnd(),
  ).filter((row) => !httpApi.includes(`\n${row} |`))
  expect(wrong).toEqual([])
})

test('no page names a metric that does not exist', () => {
  const metricsIn = (text: string): string[] =>
    codeSpans(text).flatMap((code) => code.match(/\b(?:rpi_webrtc|process)_[a-z]\w*/g) ?? [])
  expect(wrongNames(metricsIn, (name) => families.has(name.replace(/_(?:sum|count)$/, '')))).toEqual([])
})

const source = filesBelow('src', /(?<!\.test)\.ts$/)
  .map(readFile)
  .join('\n')
const inSource = (pattern: RegExp): string[] => [
  ...new Set(Array.from(source.matchAll(pattern), ([, name]) => name!)),
]

test('every error code is explained', () => {
  const codes = [...inSource(/new AppError\(\s*'([a-z-]+)'/g), ...inSource(/\bcode: '([a-z]+(?:-[a-z]+)+)'/g)]
  expect(codes.length).toBeGreaterThan(20)
  const explained = [...codeSpans(httpApi), ...codeSpans(signalling)]
  expect(codes.filter((code) => !explained.includes(code))).toEqual([])
})

test('every cause of a failure of a camera or a push is explained', () => {
  const causes = inSource(/\bcause: '([a-z-]+)'/g)
  expect(causes.length).toBeGreaterThan(20)
  const explained = ['docs/troubleshooting.md', 'docs/push.md'].flatMap((page) => codeSpans(readFile(page)))
  expect(causes.filter((cause) => !explained.includes(cause))).toEqual([])
})
