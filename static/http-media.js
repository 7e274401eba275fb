// @ts-check
/** Video over HTTP: fragmented MP4 in binary messages of the WebSocket that also signals WebRTC. */

/**
 * @typedef {object} MediaEvents
 * @property {(mimeType: string) => void} type before the first data, and when it changes
 * @property {(data: ArrayBuffer) => void} data
 * @property {(error: { code: string, message: string }) => void} error at most once, and last
 *
 * @typedef {import('../src/signalling/websocket-messages.js').MseAnswer} MseAnswer
 */

/**
 * The messages of other kinds are handled elsewhere, one after the other; these must not wait for WebRTC.
 * @param {WebSocket} socket open
 * @param {MediaEvents} on
 */
export function openHttpMedia(socket, on) {
  const open = new AbortController()
  socket.binaryType = 'arraybuffer'
  socket.addEventListener(
    'message',
    ({ data }) => {
      if (data instanceof ArrayBuffer) on.data(data)
      else if (typeof data === 'string' && data.startsWith('{"mse":')) onAnswer(JSON.parse(data).mse)
    },
    { signal: open.signal },
  )
  /** @param {MseAnswer} answer */
  function onAnswer(answer) {
    if ('mimeType' in answer) return on.type(answer.mimeType)
    open.abort()
    on.error(answer.error)
  }
  /** @param {import('../src/signalling/websocket-messages.js').ClientMessageJson} message */
  function send(message) {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message))
  }
  send({ mse: {} })
  return {
    close() {
      if (open.signal.aborted) return
      open.abort()
      send({ mse: null })
    },
  }
}
