import type { Context, Hono, MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'

/**
 * What a route, or a WebSocket, needs: `public` needs no credentials, `watch` those of a viewer, `administer` those of an
 * administrator.
 */
export type Permission = 'public' | 'watch' | 'administer'

const declared = new WeakMap<object, Permission>()

/** Declares what a route needs. It stands first among the handlers of the route; the guard reads it before any of them runs. */
export function needs(permission: Permission): MiddlewareHandler {
  const declaration: MiddlewareHandler = async (_c, next) => await next()
  declared.set(declaration, permission)
  return declaration
}

/** Declares what every route of a group needs; a single one of them may need more. @returns the same routes. */
export function declare(permission: Permission, routes: Hono): Hono {
  for (const { handler } of routes.routes) if (!declared.has(handler)) declared.set(handler, permission)
  return routes
}

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS']

/** Whether a request only reads (RFC 9110 section 9.2.1). */
export const isSafe = (method: string): boolean => SAFE_METHODS.includes(method)

/** What a handler declares; undefined for every handler that declares nothing. */
export const declarationOf = (handler: object): Permission | undefined => declared.get(handler)

const byStrictness: readonly Permission[] = ['public', 'watch', 'administer']

/**
 * What the route of a request needs: the strictest of the declarations that match it. A route without a declaration needs the
 * most; an address without a route answers 404, and only to clients that could watch.
 */
export function permissionOf(c: Context): Permission {
  const routes = matchedRoutes(c).filter(({ path }) => path !== '/*')
  const declarations = new Set(routes.map(({ handler }) => declarationOf(handler)))
  const strictest = byStrictness.findLast((permission) => declarations.has(permission))
  return strictest ?? (routes.length === 0 && isSafe(c.req.method) ? 'watch' : 'administer')
}
