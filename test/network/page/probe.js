// Runs in the viewer's page before its own scripts: notes each displayed frame of camera1, and reads what the tile shows.
window.probe = (() => {
  const frames = []
  const peers = new Set()
  let attemptMs = 0
  const followed = new WeakSet()
  let installed = false

  const tile = () => document.querySelector('camera-tile[data-camera="camera1"]')
  const isOverHttp = () => document.querySelector('.http-picture') !== null

  function note(by) {
    frames.push({ atMs: performance.now(), by })
  }

  /** Only the element on top counts: the one over HTTP, if there is one. */
  function follow(element) {
    if (followed.has(element)) return
    followed.add(element)
    const isHttp = element.className === 'http-picture'
    if (element instanceof HTMLImageElement) return element.addEventListener('load', () => note('http'))
    const next = () =>
      element.requestVideoFrameCallback(() => {
        next()
        // Chromium shows a black frame for a peer connection that was closed.
        const isPlaying = isHttp || tile()?.peerConnection?.connectionState === 'connected'
        if (isPlaying && isHttp === isOverHttp()) note(isHttp ? 'http' : 'webrtc')
      })
    next()
  }

  function sample() {
    document.querySelectorAll('camera-tile video, img.http-picture').forEach(follow)
    const peer = tile()?.peerConnection
    if (!peer || peers.has(peer)) return
    peers.add(peer)
    attemptMs = performance.now()
  }

  function install() {
    if (installed) return
    installed = true
    new MutationObserver(sample).observe(document, { childList: true, subtree: true, attributes: true })
    setInterval(sample, 100)
  }
  install()

  const textOf = (...names) =>
    names
      .map((name) => tile()?.querySelector(`.${name}`)?.textContent.trim() ?? '')
      .filter(Boolean)
      .map((text) => text.replace(/\.$/, ''))
      .join('. ')

  /** The selected candidate pair (W3C webrtc-stats). */
  async function pair() {
    const peer = tile()?.peerConnection
    const stats = peer ? await peer.getStats() : new Map()
    const all = [...stats.values()]
    const { selectedCandidatePairId } = all.find(({ type }) => type === 'transport') ?? {}
    const found =
      stats.get(selectedCandidatePairId) ??
      all.find(
        ({ type, selected, nominated, state }) =>
          type === 'candidate-pair' && (selected ?? (nominated && state === 'succeeded')),
      )
    const end = (id) => {
      const { candidateType, protocol, relayProtocol, address, port } = stats.get(id) ?? {}
      return { candidateType, protocol, relayProtocol, address, port }
    }
    return found && { local: end(found.localCandidateId), remote: end(found.remoteCandidateId) }
  }

  const countSince = (by, fromMs) => frames.filter((frame) => frame.by === by && frame.atMs >= fromMs).length

  return {
    /** By now. @param fromMs frames before do not count */
    async read(fromMs = 0) {
      const state = tile()?.dataset.state
      const later = frames.filter(({ atMs }) => atMs >= fromMs)
      const previous = frames.findLast(({ atMs }) => atMs < fromMs)?.atMs ?? later[0]?.atMs ?? 0
      const timesMs = [previous, ...later.map(({ atMs }) => atMs), performance.now()]
      const gaps = timesMs.slice(1).map((atMs, i) => atMs - timesMs[i])
      const firstBy = (by) => later.find((frame) => frame.by === by)?.atMs
      return {
        nowMs: performance.now(),
        state,
        frames: { http: countSince('http', fromMs), webrtc: countSince('webrtc', fromMs) },
        firstMs: { http: firstBy('http'), webrtc: firstBy('webrtc') },
        longestGapMs: Math.max(0, ...gaps),
        silentMs: performance.now() - (later.at(-1)?.atMs ?? fromMs),
        isOverHttp: isOverHttp(),
        attempts: peers.size,
        attemptAgeMs: performance.now() - attemptMs,
        pair: await pair(),
        sentence: state === 'live' ? textOf('congestion') : textOf('headline', 'detail', 'hint'),
      }
    },
  }
})()
