import type { AccessControl } from './access-control.js'

/** The access that is in force, for parts that outlive it: a new configuration brings another. */
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
      kindOf: (origin, host) => current.origins.kindOf(origin, host),
    },
    refusalOfHost: (host) => current.refusalOfHost(host),
    // Checking a password takes a while: who is let in by the one before, after it was changed, is asked again.
    decide: async (visit) => {
      for (;;) {
        const asked = current
        const verdict = await asked.decide(visit)
        if (asked === current) return verdict
      }
    },
    cookieFor: async (role) => await current.cookieFor(role),
  }
}
