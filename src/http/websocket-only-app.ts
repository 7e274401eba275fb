import { Hono } from 'hono'
import type { AccessControl } from './auth/access-control.js'
import { authMiddleware } from './auth/middleware.js'
import { pathOf } from './path-of.js'

/** Answers plain HTTP requests on a camera's own port, which serves WebSockets on any path. */
export function websocketOnlyApp(camera: string, access: AccessControl): Hono {
  const app = new Hono({ getPath: pathOf })
  app.use('*', ...authMiddleware(access))
  app.all('*', (c) => {
    const message = `this port accepts WebSocket connections for ${camera} only; the page is on server.web-port`
    return c.json({ error: 'upgrade-required', message }, 426, { upgrade: 'websocket' })
  })
  return app
}
