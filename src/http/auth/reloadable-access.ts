import type { AccessControl } from './access-control.js'

/** The current access control, for parts that survive a reload. */
export interface ReloadableAccess extends AccessControl {
  replace(next: AccessControl): void
}

export function createReloadableAccess(first: AccessControl): ReloadableAccess {
  let current = first
  /** Decides again if a reload replaced the credentials while a password was being verified. */
  const withCurrent = async <T>(decide: (access: AccessControl) => Promise<T>): Promise<T> => {
    for (;;) {
      const used = current
      const decision = await decide(used)
      if (used === current) return decision
    }
  }
  return {
    replace: (next) => void (current = next),
    origins: {
      get allowsAll() {
        return current.origins.allowsAll
      },
      kindOf: (...headers) => current.origins.kindOf(...headers),
    },
    get signInWith() {
      return current.signInWith
    },
    get acceptsProofs() {
      return current.acceptsProofs
    },
    rejectHost: (...hosts) => current.rejectHost(...hosts),
    decide: async (request) => await withCurrent(async (access) => await access.decide(request)),
    signIn: async (credential, request) =>
      await withCurrent(async (access) => await access.signIn(credential, request)),
    cookieFor: async (role, scope) => await current.cookieFor(role, scope),
    cookieRemoval: (scope) => current.cookieRemoval(scope),
  }
}
