import { Hono } from 'hono'
import type { AccessControl } from './auth/access-control.js'
import { authMiddleware } from './auth/middleware.js'
import { pathOf } from './path-of.js'

/** What a camera's own port says to a browser that comes by plain HTTP: it is for WebSockets, on any path. */
export function websocketOnlyApp(camera: string, access: AccessControl): Hono {
  const app = new Hono({ getPath: pathOf })
  app.use('*', ...authMiddleware(access))
  app.all('*', (c) => {
    const message = `this port takes WebSocket connections for ${camera}; the page to watch is on the server's web-port`
    return c.json({ error: 'upgrade-required', message }, 426, { upgrade: 'websocket' })
  })
  return app
}
