/** Resolves with the reason for which a signal is aborted. @typeParam Reason what its controller is aborted with. */
export function abortReasonOf<Reason>(signal: AbortSignal): Promise<Reason> {
  return new Promise((resolve) => {
    const resolveReason = (): void => resolve(signal.reason as Reason)
    if (signal.aborted) resolveReason()
    else signal.addEventListener('abort', resolveReason, { once: true })
  })
}
