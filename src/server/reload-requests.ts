/** Requests to reload the configuration. Requests before there is a handler are kept as one. */
export interface ReloadRequests {
  readonly request: () => void
  /** Calls `handler` for every further request, and at once if there was an earlier one. */
  readonly handle: (handler: () => void) => void
}

export function createReloadRequests(): ReloadRequests {
  let isPending = false
  let handler = (): void => void (isPending = true)
  return {
    request: () => handler(),
    handle: (next) => {
      handler = next
      if (isPending) handler()
    },
  }
}
