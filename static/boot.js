// @ts-check
/**
 * Starts watching before the page has loaded anything else: opens a connection for each camera, shows the first snapshots and
 * videos, and only then loads the rest. On a small machine the modules and the first layout take as long as the connection.
 * Inlined into the page.
 */

/**
 * @typedef {import('../src/http/routes/client-config-answer.js').ConfigAnswer} ConfigAnswer
 * @typedef {import('../src/http/routes/client-config-answer.js').CameraAnswer} CameraAnswer
 * @typedef {import('./attempt.js').Attempt} Attempt
 * @typedef {object} Boot
 * @property {ConfigAnswer} bootstrap the answer of /api/config at the time of the request
 * @property {string | undefined} cameraOfPage "camera1" on /camera1/, undefined on the page of all cameras
 * @property {URL} root of the server, with the prefix of a proxy
 * @property {{ name: import('./choices.js').LayoutName, large: number }} layout at first; large: the index of a camera
 * @property {(path: string) => string} socketUrl
 * @property {(url: string, iceServers: RTCIceServer[], hasAudio: boolean) => Attempt} claimAttempt the attempt begun here, or a new one
 * @property {(socket: WebSocket, iceServers: RTCIceServer[], hasAudio: boolean) => Attempt} openAttempt
 * @property {() => void} renewTab
 */

window.boot = (() => {
  /** The rest loads this late even without a first frame. */
  const restDelayMs = 600
  const paintDelayMs = 100
  const reloadAfterMs = 1000
  const reloadAfterAtMostMs = 30_000

  const data = document.getElementById('bootstrap')
  /** @type {ConfigAnswer} */
  const bootstrap = JSON.parse(data?.textContent ?? '')
  const cameraOfPage = data?.dataset.page
  const root = new URL(cameraOfPage ? '../' : './', location.href)
  /** @type {Map<string, Attempt>} */
  const attempts = new Map()
  const query = new URLSearchParams(location.search)
  const choices = window.choices.read()
  const cameras = inOrder(bootstrap.cameras.filter(({ key }) => !cameraOfPage || key === cameraOfPage))
  const tab = window.openTab('rpi-webrtc-tab')
  const layout = firstLayout()
  // At https://home.example/cams the addresses of the page would lack the prefix.
  if (location.pathname.endsWith('/')) start()
  else location.replace(`${location.pathname}/${location.search}${location.hash}`)
  return { bootstrap, cameraOfPage, root, layout, socketUrl, claimAttempt, openAttempt, renewTab: tab.renew }

  /** @param {string} address relative to the page */
  function socketUrl(address) {
    const url = new URL(address, location.href)
    url.protocol = url.protocol.replace('http', 'ws')
    return url.href
  }

  function start() {
    const root = document.documentElement
    root.dataset.page = cameraOfPage ? 'one' : 'grid'
    root.dataset.colours = choices.colours
    if (query.get('controls') === 'false') root.dataset.controls = 'none'
    if (query.get('view') === 'kiosk') root.dataset.view = 'kiosk'
    const loadRest = prepareRest()
    if (!window.RTCPeerConnection || cameras.length === 0) return loadRest()
    setTimeout(loadRest, restDelayMs)
    // All sockets before the first peer connection: they connect while the browser is busy creating that.
    const sockets = cameras.map((camera) => ({ camera, socket: new WebSocket(socketUrl(camera.ws)) }))
    const tiles = createTiles()
    tiles.catch(() => {}) // callers handle it where they wait
    const posters = cameras.filter(({ snapshot }) => snapshot && !window.isSlowNetwork())
    for (const camera of posters) showPoster(camera, tiles)
    const painted = posters.length > 0 ? firstPaint() : undefined
    const videos = sockets.map(async ({ camera, socket }) => {
      await painted
      const attempt = openAttempt(socket, bootstrap.ice_servers, camera.audio)
      attempts.set(socketUrl(camera.ws), attempt)
      await showFirstFrame(attempt, tiles, camera.key)
    })
    Promise.all(videos).then(loadRest, loadRest)
  }

  /** @returns {() => void} */
  function prepareRest() {
    let load = () => {}
    /** @type {Promise<void>} */
    const wanted = new Promise((resolve) => (load = resolve))
    wanted.then(parsed).then(() => {
      document.head.append(wordsOfPage(), templateContent('rest'))
      const entry = document.querySelector('script[type=module]')
      entry?.addEventListener('error', () => reloadWhenAnswered(reloadAfterMs))
    })
    return load
  }

  /**
   * A change of the network ends all requests, and a module that was not loaded is not requested again. The video plays on meanwhile,
   * so the page is not loaded again before the server answers.
   * @param {number} delayMs doubled each time
   */
  function reloadWhenAnswered(delayMs) {
    setTimeout(async () => {
      const { ok } = await fetch(location.href, { method: 'HEAD', cache: 'no-store' }).catch(() => ({
        ok: false,
      }))
      if (ok) location.reload()
      else reloadWhenAnswered(Math.min(delayMs * 2, reloadAfterAtMostMs))
    }, delayMs)
  }

  /** Requested beside the modules; app.js waits for it. */
  function wordsOfPage() {
    const link = document.createElement('link')
    link.rel = 'preload'
    link.as = 'fetch'
    link.crossOrigin = 'anonymous' // as fetch() requests it
    link.href = new URL(`assets/words/${document.documentElement.lang}.json`, root).href
    return link
  }

  /** Tiles with a video element; camera-tile.js adds the rest. */
  async function createTiles() {
    const [grid] = await Promise.all([cameraOfPage ? undefined : loadGrid(), parsed()])
    const main = document.getElementById('grid')
    if (!main) return
    for (const { key } of cameras) {
      if (tileOf(key)) continue
      const tile = document.createElement('camera-tile')
      tile.dataset.camera = key
      const video = templateContent('tile').querySelector('video')?.cloneNode()
      if (!(video instanceof HTMLVideoElement)) continue
      video.muted = true // Safari ignores the attribute of a cloned video
      tile.append(video)
      main.append(tile)
    }
    const placed = cameras.flatMap((camera) => {
      const element = tileOf(camera.key)
      return element instanceof HTMLElement ? [{ element, ratio: ratioOf(camera) }] : []
    })
    grid?.arrange(main, placed, layout)
  }

  /** As tile-order.js does later. @param {CameraAnswer[]} all */
  function inOrder(all) {
    const places = [...choices.order, ...all.map(({ key }) => key)]
    return all.sort((one, other) => places.indexOf(one.key) - places.indexOf(other.key))
  }

  /** "#large=camera2" in the address, or as last time. @returns {Boot['layout']} */
  function firstLayout() {
    const wanted = /^#(large|single)=(\w+)$/.exec(location.hash)
    const key = wanted?.[2] ?? choices.large
    const large = cameras.findIndex((camera) => camera.key === key)
    const name = query.has('every') ? 'single' : /** @type {any} */ (wanted?.[1] ?? choices.layout)
    return large < 0 && name === 'large' ? { name: 'grid', large: 0 } : { name, large: Math.max(0, large) }
  }

  /** Width by height as it is shown. @param {CameraAnswer} camera */
  function ratioOf({ key, width, height }) {
    const ratio = width && height ? width / height : 16 / 9
    return (choices.turned[key]?.turn ?? 0) % 180 === 0 ? ratio : 1 / ratio
  }

  /** @returns {Promise<typeof import('./grid.js')>} */
  async function loadGrid() {
    return await import(new URL('assets/grid.js', root).href)
  }

  /** @param {string} id */
  function templateContent(id) {
    const element = document.getElementById(id)
    if (!(element instanceof HTMLTemplateElement)) throw new Error(`the page has no template ${id}`)
    return element.content
  }

  /** @param {string} key */
  function tileOf(key) {
    return document.querySelector(`camera-tile[data-camera="${key}"]`)
  }

  /** @param {CameraAnswer} camera @param {Promise<void>} tiles */
  function showPoster({ key, snapshot }, tiles) {
    const { image, remove } = window.loadPoster(snapshot ?? '')
    tiles.then(() => {
      const video = tileOf(key)?.querySelector('video')
      video?.addEventListener('loadeddata', () => isFrame(video) && remove())
      video?.before(image)
    }, remove)
  }

  /** Lets the browser paint before WebRTC occupies a small machine. A background tab never paints. */
  async function firstPaint() {
    await new Promise((resolve) => {
      setTimeout(resolve, paintDelayMs)
      requestAnimationFrame(() => setTimeout(resolve))
    })
  }

  /**
   * Shows the first video of a camera, unless a session has taken over. Only of a live camera: a video without a frame delays the
   * load event of the page. Rejects when the camera is not live.
   * @param {Attempt} attempt
   * @param {Promise<void>} tiles
   * @param {string} key
   */
  async function showFirstFrame(attempt, tiles, key) {
    const track = await attempt.liveTrack
    await tiles
    const video = tileOf(key)?.querySelector('video')
    if (attempt.claimed || !video) return
    const shown = new Promise((resolve) =>
      video.addEventListener('loadeddata', () => isFrame(video) && resolve(undefined)),
    )
    video.srcObject = new MediaStream([track])
    await shown
  }

  /** Chromium gives the track of a failed connection a black frame of 2x2. @param {HTMLVideoElement} video */
  function isFrame({ videoWidth }) {
    return videoWidth >= 16
  }

  async function parsed() {
    if (document.readyState !== 'loading') return
    await new Promise((resolve) => document.addEventListener('DOMContentLoaded', resolve, { once: true }))
  }

  /** @param {WebSocket} socket @param {RTCIceServer[]} iceServers @param {boolean} hasAudio */
  function openAttempt(socket, iceServers, hasAudio) {
    return window.openAttempt(socket, iceServers, tab.id, hasAudio)
  }

  /**
   * @param {string} url
   * @param {RTCIceServer[]} iceServers
   * @param {boolean} hasAudio
   * @returns {Attempt}
   */
  function claimAttempt(url, iceServers, hasAudio) {
    const attempt = attempts.get(url) ?? openAttempt(new WebSocket(url), iceServers, hasAudio)
    attempts.delete(url)
    if (attempt.socket.readyState > WebSocket.OPEN) {
      attempt.peer.close()
      return claimAttempt(url, iceServers, hasAudio)
    }
    attempt.claimed = true
    return attempt
  }
})()
