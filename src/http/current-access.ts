import type { Access } from './access.js'

/** The access that is in force, for parts that outlive it: a new configuration brings another. */
export interface CurrentAccess extends Access {
  replace(next: Access): void
}

export function currentAccess(first: Access): CurrentAccess {
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
    decide: async (visit) => await current.decide(visit),
    cookieFor: async (role) => await current.cookieFor(role),
  }
}
