import { Hono } from 'hono'
import { noSuchPublisher } from '../../errors.js'
import { needs } from '../auth/permission.js'
import { publisherJson, type PublisherCounts, type PublisherFacts } from './publisher-facts.js'

/** All this file needs of publishers. */
export interface AdminPublishers {
  views(): PublisherFacts[]
  counts(camera: string): PublisherCounts
  /** @returns false if nobody publishes to the camera. */
  remove(camera: string): boolean
}

/** `/api/publishers`: who publishes to the cameras of this server. */
export function publisherRoutes(publishers: AdminPublishers): Hono {
  const routes = new Hono()
  // Addresses are for the owner alone.
  routes.get('/api/publishers', needs('administer'), (c) =>
    c.json(
      { publishers: publishers.views().map((view) => publisherJson(view, publishers.counts(view.camera))) },
      200,
      { 'cache-control': 'no-store' },
    ),
  )
  routes.delete('/api/publishers/:camera', needs('administer'), (c) => {
    if (!publishers.remove(c.req.param('camera'))) throw noSuchPublisher()
    return c.body(null, 204)
  })
  return routes
}
