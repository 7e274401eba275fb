import { Hono } from 'hono'
import type { Access } from './auth/access-control.js'
import { guard } from './auth/middleware.js'
import { pathOf } from './path-of.js'

/** What a camera's own port says to a browser that comes by plain HTTP: it is for WebSockets, on any path. */
export function socketOnlyApp(camera: string, access: Access): Hono {
  const app = new Hono({ getPath: pathOf })
  app.use('*', ...guard(access))
  app.all('*', (c) => {
    const message = `this port takes WebSocket connections for ${camera}; the page to watch is on the server's web-port`
    return c.json({ error: 'upgrade-required', message }, 426, { upgrade: 'websocket' })
  })
  return app
}
