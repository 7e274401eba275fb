import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { accessWith, PASSWORD, TOKEN } from '../../../test/support/access.js'
import { appWith } from '../../../test/support/app.js'
import type { PageFile } from './page-file.js'
import { playerFiles } from './player-files.js'

const file = (body: string): PageFile => ({ body, type: 'text/javascript', etag: '' })
const filesOf = (bodies: Record<string, string>): Map<string, PageFile> =>
  new Map(Object.entries(bodies).map(([name, body]) => [name, file(body)]))

test('the files are what the module imports, at once or on first use, and nothing else', () => {
  const { entry, files } = playerFiles(
    filesOf({
      'rpi-camera.js': "import { a } from './a.js'\nexport { a }",
      'a.js':
        "/** @type {import('./types-only.js').A} */\nexport const a = () => import('./later.js')\n" +
        "const sheet = new URL('./a.css', import.meta.url)",
      'later.js': "import { b } from './b.js'",
      'b.js': "import { a } from './a.js'",
      'a.css': '',
      'types-only.js': '',
      'app.js': '',
    }),
  )
  expect([...files.keys()].sort()).toEqual(['a.css', 'a.js', 'b.js', 'later.js', 'rpi-camera.js'])
  expect(entry).toBe("import './player/a.js'\nexport * from './player/rpi-camera.js'\n")
})

test('a module that is needed at once is requested at once, also if another imports it later', () => {
  const { entry } = playerFiles(
    filesOf({
      'rpi-camera.js': "import './x'\nimport { a } from './a.js'\nimport { c } from './c.js'",
      'a.js': "const later = () => import('./c.js')",
      'c.js': '',
    }),
  )
  expect(entry).toContain("import './player/c.js'")
})

test('a missing file is an error', () =>
  expect(() => playerFiles(filesOf({ 'rpi-camera.js': "import { a } from './a.js'" }))).toThrow(
    "the page's folder has no a.js, which rpi-camera.js needs",
  ))

describe('the routes', () => {
  const app = appWith({ access: accessWith({ token: TOKEN, password: PASSWORD }) })
  const get = async (path: string, headers: Record<string, string> = {}) =>
    await app.request(`http://pi:8080${path}`, { headers: { origin: 'http://stranger.example', ...headers } })

  /** Every file that strangers get: a new one belongs to <rpi-camera>, or it must not be here. */
  const PUBLIC =
    `attempt backoff connect-report connection connection-status controls dom embed-context embed-keys
    embed-player embed-settings embed-source embed-styles format frame-watch fullscreen http-media http-picture http-state http-stats
     latency latency-meter live-edge menu messages mse-player page-life player-report poster prepare-session presence quality recorder
     reasons retry-timer rpi-camera save-picture session session-monitor socket-watch sound-meter sound-watch stats-overlay stats-poller tab tile-actions
     tile-gestures tile-http tile-input tile-markup tile-parts tile-picture tile-sound tile-state tile-texts tile-video tile-view webrtc-stats words zoom`
      .split(/\s+/)
      .map((name) => `${name}.js`)
  const SHEETS =
    `congestion fullscreen helpers menu rpi-camera stats-overlay tile tile-action tile-controls tile-labels tile-notice`
      .split(' ')
      .map((name) => `${name}.css`)

  test('strangers without credentials get these files and no other', async () => {
    const page = new Map(
      [...PUBLIC, ...SHEETS].map((name) => [name, file(readFileSync(`static/${name}`, 'utf8'))] as const),
    )
    expect([...playerFiles(page).files.keys()].sort()).toEqual([...PUBLIC, ...SHEETS].sort())
    for (const name of [
      'app.js',
      'boot.js',
      'settings-api.js',
      'index.html',
      'choices.js',
      '..%2fpackage.json',
      'words/de.owner.json',
      'words/..%2f..%2fpackage.json',
    ])
      expect((await get(`/player/${name}`)).status).toBe(404)
  })

  test.each(['/rpi-camera.js', '/player/rpi-camera.js', '/player/tile.css', '/player/words/de.json'])(
    '%s is for every origin, without credentials, and revalidated',
    async (path) => {
      const response = await get(path)
      expect(response.status).toBe(200)
      expect(response.headers.get('access-control-allow-origin')).toBe('*')
      expect(response.headers.get('access-control-allow-credentials')).toBeNull()
      expect(response.headers.get('cache-control')).toBe('no-cache')
      expect(response.headers.get('content-type')).toMatch(/^text\/(javascript|css)|^application\/json/)
      const again = await get(path, { 'if-none-match': response.headers.get('etag')! })
      expect(again.status).toBe(304)
    },
  )

  test('the page of the server and its own copy of the files stay closed', async () => {
    for (const path of ['/', '/assets/tile-view.js', '/api/config', '/camera1/snapshot.jpg']) {
      const response = await get(path)
      expect(response.status).toBe(401)
      expect(response.headers.get('access-control-allow-origin')).toBeNull()
    }
    // With the token a page of a foreign origin gets an answer, which its browser withholds from it.
    const withToken = await get(`/api/config?token=${TOKEN}`)
    expect(withToken.headers.get('access-control-allow-origin')).toBeNull()
  })

  test('the entry is relative, so that it works below the path of a proxy', async () => {
    const entry = await (await get('/rpi-camera.js')).text()
    expect(entry.trim().split('\n').at(-1)).toBe("export * from './player/rpi-camera.js'")
    for (const line of entry.trim().split('\n')) expect(line).toMatch(/ '\.\/player\/[\w-]+\.js'$/)
  })
})
