import { Hono } from 'hono'
import { etag } from 'hono/etag'
import { getMimeType } from 'hono/utils/mime'
import { needs } from '../auth/permission.js'
import { answerCompressed } from './compressed-file.js'
import type { PageFile } from './page-file.js'
import type { Languages } from './page-words.js'
import { playerFiles } from './player-files.js'
import { wordsOfPlayer } from './word-files.js'

/**
 * `/rpi-camera.js`, the element for pages of other sites, and the files that it imports. Public and for every origin, because browsers
 * request modules of another origin without credentials. They are the same on every installation. What they show needs `watch` and an
 * allowed origin.
 * @param page every file of the page, by name.
 */
export function playerRoutes(page: ReadonlyMap<string, PageFile>, languages: Languages): Hono {
  const wordFiles = wordsOfPlayer(languages)
  const { entry, files } = playerFiles(page)
  const routes = new Hono()
  routes.get('/rpi-camera.js', needs('public'), etag(), (c) =>
    c.body(entry, 200, { ...HEADERS, 'content-type': getMimeType('rpi-camera.js')! }),
  )
  routes.get('/player/:name{[^?]+}', needs('public'), etag(), async (c, next) => {
    const file = files.get(c.req.param('name')) ?? wordFiles.get(c.req.param('name'))
    return file === undefined ? await next() : await answerCompressed(c, file, HEADERS)
  })
  return routes
}

const HEADERS = {
  'access-control-allow-origin': '*',
  // As the files of the page: their names carry no content hash.
  'cache-control': 'no-cache',
  'referrer-policy': 'no-referrer',
}
