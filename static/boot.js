/**
 * The server writes this into the page itself, with what it has to say of its cameras: the first offers are made, and on their
 * way, before anything else is asked for. The first pictures are shown from here as well, and only then the rest of the page is
 * loaded: its modules and its first layout take as long on a small machine as the whole way to the picture.
 */
window.boot = (() => {
  /** The rest comes earlier where there is something to say, and no later than this, in milliseconds. */
  const restWaitMs = 800
  const paintWaitMs = 100

  /** What the server says of itself and its cameras: as `/api/config`, when the page was asked for. */
  const bootstrap = JSON.parse(document.getElementById('bootstrap').textContent)

  /** "camera1" on /camera1/, undefined on the page of all cameras. */
  const cameraOfPage = /^\/(camera\d+)(\/|$)/.exec(location.pathname)?.[1]

  const watched = bootstrap.cameras.filter(({ key }) => !cameraOfPage || key === cameraOfPage)
  const attempts = new Map()
  let loadRest
  const restWanted = new Promise((resolve) => (loadRest = resolve))
  begin()
  return { bootstrap, cameraOfPage, socketUrl, takeAttempt }

  function socketUrl(path) {
    return `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}${path}`
  }

  function begin() {
    const root = document.documentElement
    root.dataset.page = cameraOfPage ? 'one' : 'grid'
    if (new URLSearchParams(location.search).get('controls') === 'false') root.dataset.controls = 'none'
    restWanted.then(parsed).then(() => document.head.append(document.getElementById('rest').content))
    if (!window.RTCPeerConnection || watched.length === 0) return loadRest()
    setTimeout(loadRest, restWaitMs)
    // All sockets before the first peer connection: they open while the browser is busy with that.
    const sockets = watched.map(({ ws }) => new WebSocket(socketUrl(ws)))
    const tiles = putTiles()
    tiles.catch(() => {}) // whoever waits for them hears
    const posters = watched.filter(({ snapshot }) => snapshot && !isSlowNetwork())
    for (const camera of posters) showPoster(camera, tiles)
    const painted = posters.length > 0 ? firstPaint() : undefined
    const videos = watched.map(async (camera, i) => {
      await painted
      const attempt = openAttempt(sockets[i], bootstrap.ice_servers)
      attempts.set(socketUrl(camera.ws), attempt)
      await showFirst(attempt, tiles, camera.key)
    })
    Promise.all(videos).then(loadRest, loadRest)
  }

  /** One tile for each camera, in its place: the rest of the page makes them what they are. */
  async function putTiles() {
    const [grid] = await Promise.all([cameraOfPage ? undefined : import('/assets/grid.js'), parsed()])
    const main = document.getElementById('grid')
    for (const { key, width, height } of watched) {
      if (tileOf(key)) continue
      const tile = document.createElement('camera-tile')
      tile.dataset.camera = key
      if (width && height) tile.style.setProperty('--ratio', String(width / height))
      const video = document.getElementById('tile').content.querySelector('video').cloneNode()
      video.muted = true // as in the tile
      tile.append(video)
      main.append(tile)
    }
    const ratios = watched.map(({ width, height }) => (width && height ? width / height : 16 / 9))
    grid?.arrange(main, watched.length, Math.max(...ratios))
  }

  function tileOf(key) {
    return document.querySelector(`camera-tile[data-camera="${key}"]`)
  }

  /** A picture would only be in the way of the video. */
  function isSlowNetwork() {
    const { saveData = false, effectiveType = '4g' } = navigator.connection ?? {}
    return saveData || effectiveType !== '4g'
  }

  /**
   * What the camera sees at this moment, in the place of the video until that has something to show: a picture needs no connection
   * to be made first.
   */
  function showPoster({ key, snapshot }, tiles) {
    const poster = document.createElement('img')
    poster.className = 'poster'
    poster.alt = '' // the tile says what it shows
    const drop = () => {
      poster.remove()
      poster.removeAttribute('src') // or it would go on being loaded
    }
    poster.addEventListener('error', drop, { once: true })
    poster.src = snapshot
    tiles.then(() => {
      const video = tileOf(key).querySelector('video')
      video.addEventListener('loadeddata', drop, { once: true })
      video.before(poster)
    }, drop)
  }

  /** WebRTC begins with what keeps a small machine busy: the page is painted before. One in the background never is. */
  async function firstPaint() {
    await new Promise((resolve) => {
      setTimeout(resolve, paintWaitMs)
      requestAnimationFrame(() => setTimeout(resolve))
    })
  }

  /**
   * Puts a camera's video into its tile as soon as there is one, unless the rest of the page is here to do it. A video without
   * a first frame keeps the page from having loaded: so only of a camera that is live. Throws where there is none to be had.
   */
  async function showFirst(attempt, tiles, key) {
    const track = await attempt.liveTrack
    await tiles
    if (attempt.taken) return
    const video = tileOf(key).querySelector('video')
    const shown = new Promise((resolve) => video.addEventListener('loadeddata', resolve, { once: true }))
    video.srcObject = new MediaStream([track])
    await shown
  }

  async function parsed() {
    if (document.readyState !== 'loading') return
    await new Promise((resolve) => document.addEventListener('DOMContentLoaded', resolve, { once: true }))
  }

  /**
   * One try at watching a camera: a socket, and a peer connection that only receives video. It offers as soon as it can, takes
   * the answer and the candidates, and keeps what else the server says until somebody listens. The first session of each camera
   * takes over what was begun here; later ones begin their own.
   */
  function takeAttempt(url, iceServers) {
    const attempt = attempts.get(url) ?? openAttempt(new WebSocket(url), iceServers)
    attempts.delete(url)
    if (attempt.socket.readyState > WebSocket.OPEN) {
      attempt.peer.close()
      return takeAttempt(url, iceServers)
    }
    attempt.taken = true
    return attempt
  }

  function openAttempt(socket, iceServers) {
    const peer = openPeer(iceServers)
    const unsent = []
    const send = (message) => {
      const text = JSON.stringify(message)
      if (socket.readyState === WebSocket.CONNECTING) unsent.push(text)
      else socket.send(text)
    }
    socket.addEventListener('open', () => unsent.splice(0).forEach((text) => socket.send(text)))
    peer.addEventListener('icecandidate', ({ candidate }) => {
      if (!candidate) return
      const { candidate: line, sdpMLineIndex, sdpMid } = candidate
      send({ iceCandidate: { candidate: line, sdpMLineIndex, sdpMid } })
    })
    const failed = (code) => (error) => tell({ error: { code, message: error.message } }, performance.now())
    const described = describe(peer, send).catch(failed('bad-offer'))

    const early = []
    let tell = (...said) => early.push(said)
    let foundTrack, foundNone
    const liveTrack = new Promise((resolve, reject) => ([foundTrack, foundNone] = [resolve, reject]))
    liveTrack.catch(() => {}) // whoever waits for it hears
    socket.addEventListener('close', () => foundNone(new Error('no answer')))
    peer.addEventListener('track', ({ track }) => foundTrack(track))

    /** One after the other: a candidate must not overtake the answer it belongs to. */
    let reading = Promise.resolve()
    socket.addEventListener('message', ({ data }) => {
      const receivedMs = performance.now()
      reading = reading
        .then(() => take(JSON.parse(data), receivedMs))
        .catch((error) => console.warn(socket.url, error))
    })

    async function take(message, receivedMs) {
      if (message.error || (message.camera && message.camera.state !== 'live'))
        foundNone(new Error('something to say'))
      if (message.answer) {
        await described
        if (peer.signalingState === 'closed') return
        const taken = peer.setRemoteDescription(message.answer).then(() => true, failed('bad-answer'))
        if (!(await taken)) return
      }
      if (message.iceCandidate) await peer.addIceCandidate(message.iceCandidate)
      tell(message, receivedMs)
    }

    /** `listener(message, receivedMs)` hears what the server says, beginning with what it has said. */
    function listen(listener) {
      tell = listener
      early.splice(0).forEach((said) => listener(...said))
    }

    return { socket, peer, listen, liveTrack, taken: false }
  }

  function openPeer(iceServers) {
    const peer = newPeer({ bundlePolicy: 'max-bundle', iceCandidatePoolSize: 1, iceServers })
    const { receiver } = peer.addTransceiver('video', { direction: 'recvonly' })
    // Show a frame when it comes. Smoothness bought with delay is the wrong bargain for a camera.
    if ('jitterBufferTarget' in receiver) receiver.jitterBufferTarget = 0
    else if ('playoutDelayHint' in receiver) receiver.playoutDelayHint = 0
    return peer
  }

  function newPeer({ iceServers, ...settings }) {
    try {
      return new RTCPeerConnection({ ...settings, iceServers })
    } catch (error) {
      console.warn('the ICE servers of the configuration are not understood', error)
      return new RTCPeerConnection(settings)
    }
  }

  async function describe(peer, send) {
    const offer = await peer.createOffer()
    const asking = askingForRoundTrip(offer)
    send({ offer: asking })
    if (peer.signalingState === 'closed') return
    await peer.setLocalDescription(asking).catch(async () => await peer.setLocalDescription(offer))
  }

  /**
   * A browser that only receives learns the round trip from reports it has to ask for (RFC 3611 section 4.4). Without, Chromium
   * takes it for 100 ms, and waits that long before it asks again for a packet that was lost twice.
   */
  function askingForRoundTrip({ sdp }) {
    return { type: 'offer', sdp: `${sdp}a=rtcp-fb:* rrtr\r\n` }
  }
})()
