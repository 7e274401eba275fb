// @ts-check
/**
 * Notices that a WebSocket carries nothing any more. After a change of address or of network a browser keeps it open until TCP gives
 * up, which takes a quarter of an hour (RFC 1122 section 4.2.3.5).
 */

const silenceMs = 3000

/**
 * @param {EventTarget} socket
 * @param {AbortSignal} signal ends it
 * @param {() => void} onSilent
 */
export function watchSocket(socket, signal, onSilent) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  function stop() {
    clearTimeout(timer)
    timer = undefined
  }
  socket.addEventListener('message', stop, { signal })
  signal.addEventListener('abort', stop)
  return {
    /** After a request that the server answers at once. Any message shows that it is there. */
    expectMessage: () => {
      if (!signal.aborted) timer ??= setTimeout(onSilent, silenceMs)
    },
  }
}
