import type { AccessControl } from './access-control.js'

/** The current access control, for parts that survive a reload. */
export interface ReloadableAccess extends AccessControl {
  replace(next: AccessControl): void
}

export function createReloadableAccess(first: AccessControl): ReloadableAccess {
  let current = first
  return {
    replace: (next) => void (current = next),
    origins: {
      get allowsAll() {
        return current.origins.allowsAll
      },
      kindOf: (...headers) => current.origins.kindOf(...headers),
    },
    rejectHost: (...hosts) => current.rejectHost(...hosts),
    // Decides again if a reload replaced the credentials while a password was being verified.
    decide: async (request) => {
      for (;;) {
        const used = current
        const decision = await used.decide(request)
        if (used === current) return decision
      }
    },
    cookieFor: async (role, scope) => await current.cookieFor(role, scope),
  }
}
