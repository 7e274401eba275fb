import type { Context, Hono, MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'

/**
 * The permission that a route or a WebSocket needs: `public` needs no credentials, `watch` the token or the password, `administer` the
 * password, `publish` the camera's own token or the password.
 */
export type Permission = 'public' | 'watch' | 'administer' | 'publish'

const declared = new WeakMap<object, Permission>()

/** Declares the permission of a route, as its first handler. authMiddleware reads it before any handler runs. */
export function needs(permission: Permission): MiddlewareHandler {
  const declaration: MiddlewareHandler = async (_c, next) => await next()
  declared.set(declaration, permission)
  return declaration
}

/** Declares the permission of a group of routes; a single route may declare another. @returns the same routes. */
export function declare(permission: Permission, routes: Hono): Hono {
  for (const { handler } of routes.routes) if (!declared.has(handler)) declared.set(handler, permission)
  return routes
}

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS']

/** Whether a request only reads (RFC 9110 section 9.2.1). */
export const isSafe = (method: string): boolean => SAFE_METHODS.includes(method)

/** Undefined for a handler without a declaration. */
export const declarationOf = (handler: object): Permission | undefined => declared.get(handler)

/** `publish` is needed even where everything else is open. */
const byStrictness: readonly Permission[] = ['public', 'watch', 'administer', 'publish']

/**
 * The strictest permission of the routes that match a request. A route without a declaration needs `administer`; an unknown address
 * needs `watch` to get its 404.
 */
export function permissionOf(c: Context): Permission {
  const routes = matchedRoutes(c).filter(({ path }) => path !== '/*')
  const declarations = new Set(routes.map(({ handler }) => declarationOf(handler)))
  const strictest = byStrictness.findLast((permission) => declarations.has(permission))
  return strictest ?? (routes.length === 0 && isSafe(c.req.method) ? 'watch' : 'administer')
}
