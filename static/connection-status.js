// @ts-check
/** What is known of one camera and of the way to it: what a tile shows. */

/** @typedef {import('./session.js').SessionError} SessionError */

export class ConnectionStatus {
  /** @type {import('./tile-state.js').TileState} */
  state = 'connecting'
  /** @type {import('../src/signalling/websocket-messages.js').CameraState | null} */
  camera = null
  /** @type {SessionError | null} */
  error = null
  /** @type {import('./stats-poller.js').CurrentStats | null} */
  stats = null
  /** Why WebRTC is not tried any more, although the camera is shown over HTTP. @type {SessionError | null} */
  refusal = null
  /** Why WebRTC does not connect, until it does. @type {import('../src/signalling/websocket-messages.js').ConnectFailure | null} */
  failure = null
  /** As the server reports it. @type {import('../src/signalling/websocket-messages.js').ViewerStatus | null} */
  viewerStatus = null
  maxViewers = 0
  fps = 0
  /** Browsers may stop decoding an invisible video, so that its silence means nothing. */
  visible = true

  /** Which frames are expected. */
  get expected() {
    const cameraDelivers = this.camera?.state !== 'lost' && this.camera?.state !== 'starting'
    return { fps: this.fps, cameraDelivers }
  }

  /**
   * Keeps the cause while the camera restarts.
   * @param {import('../src/signalling/websocket-messages.js').CameraState} camera
   * @returns {boolean} whether it has restarted
   */
  cameraReported(camera) {
    const before = this.camera
    this.camera = camera.state === 'starting' ? { ...before, ...camera } : camera
    return camera.state === 'live' && before !== null && before.state !== 'live'
  }

  /** A new session begins. What went wrong before stays until there is a frame. */
  forgetSession() {
    this.refusal = null
    this.camera = null
    this.viewerStatus = null
  }
}
