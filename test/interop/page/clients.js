/** What runs in the browsers: clients as small as they can be, each giving what it decoded. */

/** WHEP as Mainsail and Fluidd do it: ICE servers first, then the offer, then every candidate by itself. */
export async function watchWhep(url, frames) {
  const options = await fetch(url, { method: 'OPTIONS' })
  const iceServers = (options.headers.get('link') ?? '').match(/(?<=<)[^>]+/g) ?? []
  const pc = new RTCPeerConnection({ iceServers: iceServers.map((urls) => ({ urls })) })
  pc.addTransceiver('video', { direction: 'sendrecv' })
  pc.addTransceiver('audio', { direction: 'sendrecv' })
  const seen = watch(pc)
  const offer = await pc.createOffer()
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/sdp' },
    body: offer.sdp,
  })
  const answer = await response.text()
  if (response.status !== 201) {
    pc.close()
    return { status: response.status, error: JSON.parse(answer).error }
  }
  const location = response.headers.get('location')
  const session = `${url}/${location.slice(location.lastIndexOf('/') + 1)}`
  const ufrag = /a=ice-ufrag:(\S+)/.exec(offer.sdp)[1]
  const trickled = []
  pc.onicecandidate = ({ candidate }) => {
    if (candidate === null) return
    const body = `a=ice-ufrag:${ufrag}\r\nm=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=${candidate.candidate}\r\n`
    const headers = {
      'content-type': 'application/trickle-ice-sdpfrag',
      'if-match': response.headers.get('etag'),
    }
    trickled.push(fetch(session, { method: 'PATCH', headers, body }).then(({ status }) => status))
  }
  await pc.setLocalDescription(offer)
  await pc.setRemoteDescription({ type: 'answer', sdp: answer })
  const result = await decoded(pc, seen, frames)
  const deleted = await fetch(session, { method: 'DELETE' })
  pc.close()
  return {
    ...result,
    status: response.status,
    trickled: await Promise.all(trickled),
    deleted: deleted.status,
  }
}

/** Sound and picture by WHEP, heard: a browser decodes what a stream plays. Lost packets are counted, and samples that had to be made up. */
export async function hearWhep(url, packets) {
  const pc = new RTCPeerConnection()
  pc.addTransceiver('audio', { direction: 'recvonly' })
  pc.addTransceiver('video', { direction: 'recvonly' })
  const { video } = watch(pc)
  video.muted = false
  await pc.setLocalDescription(await pc.createOffer())
  await new Promise((resolve) => {
    const check = () => pc.iceGatheringState === 'complete' && resolve()
    pc.addEventListener('icegatheringstatechange', check)
    check()
  })
  const headers = { 'content-type': 'application/sdp' }
  const response = await fetch(url, { method: 'POST', headers, body: pc.localDescription.sdp })
  await pc.setRemoteDescription({ type: 'answer', sdp: await response.text() })
  const endMs = performance.now() + 20_000 + packets * 20
  let sound = {}
  while (!(sound.packetsReceived >= packets) && performance.now() < endMs) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    for (const report of (await pc.getStats()).values())
      if (report.type === 'inbound-rtp' && report.kind === 'audio') sound = { ...report }
  }
  const tracks = video.srcObject?.getTracks().map(({ kind }) => kind) ?? []
  pc.close()
  video.remove()
  const { packetsReceived, packetsLost, totalAudioEnergy } = sound
  const { totalSamplesReceived, concealedSamples, concealmentEvents } = sound
  return {
    packetsReceived,
    packetsLost,
    totalAudioEnergy,
    totalSamplesReceived,
    concealedSamples,
    concealmentEvents,
    tracks,
  }
}

/** The JSON of camera-streamer, where the server offers. Mainsail and Fluidd ask for its keep-alive as well. */
export async function watchCameraStreamer(url, frames) {
  const post = async (message) => await fetch(url, { method: 'POST', body: JSON.stringify(message) })
  const response = await post({ type: 'request', keepAlive: true })
  const { id, type, sdp, keepAlive, iceServers, error } = await response.json()
  if (error !== undefined) return { status: response.status, error }
  const pc = new RTCPeerConnection({ iceServers })
  pc.addTransceiver('video', { direction: 'recvonly' })
  const seen = watch(pc)
  pc.onicecandidate = ({ candidate }) => {
    if (candidate !== null) void post({ type: 'remote_candidate', id, candidates: [candidate] })
  }
  await pc.setRemoteDescription({ type, sdp })
  await pc.setLocalDescription(await pc.createAnswer())
  const answered = await post({ type: 'answer', id, sdp: pc.localDescription.sdp })
  if (answered.status !== 200) {
    pc.close()
    return { status: answered.status, error: (await answered.json()).error }
  }
  const result = await decoded(pc, seen, frames)
  pc.close()
  return { ...result, status: answered.status, keepAlive }
}

/** go2rtc's player: it lists what it decodes, opens one buffer for the type that it gets, and appends whatever comes. */
export async function watchMse(url, frames) {
  const video = document.createElement('video')
  Object.assign(video, { muted: true, autoplay: true, playsInline: true })
  document.body.append(video)
  const source = new window.MediaSource()
  video.src = URL.createObjectURL(source)
  await new Promise((resolve) => source.addEventListener('sourceopen', resolve, { once: true }))
  const socket = new WebSocket(url)
  socket.binaryType = 'arraybuffer'
  const codecs = ['avc1.640029', 'avc1.64002A', 'avc1.640033', 'mp4a.40.2'].filter((codec) =>
    window.MediaSource.isTypeSupported(`video/mp4; codecs="${codec}"`),
  )
  socket.onopen = () => socket.send(JSON.stringify({ type: 'mse', value: codecs.join() }))
  const waiting = []
  let buffer, error
  const append = () => {
    if (buffer && !buffer.updating && waiting.length > 0) buffer.appendBuffer(waiting.shift())
  }
  socket.onmessage = ({ data }) => {
    if (typeof data !== 'string') waiting.push(data)
    else {
      const { type, value } = JSON.parse(data)
      if (type === 'error') error = value
      if (type === 'mse') buffer = source.addSourceBuffer(value)
      buffer?.addEventListener('updateend', append)
    }
    append()
  }
  const decodedFrames = () => video.getVideoPlaybackQuality().totalVideoFrames
  const endMs = performance.now() + 15_000
  while (decodedFrames() < frames && error === undefined && performance.now() < endMs)
    await new Promise((resolve) => setTimeout(resolve, 50))
  socket.close()
  const result = { frames: decodedFrames(), size: `${video.videoWidth}x${video.videoHeight}`, error }
  video.remove()
  return JSON.parse(JSON.stringify(result))
}

/** Shows whatever comes, as Mainsail does: the stream of the last track event. */
function watch(pc) {
  const video = document.createElement('video')
  Object.assign(video, { muted: true, autoplay: true, playsInline: true })
  document.body.append(video)
  const iceStates = []
  pc.oniceconnectionstatechange = () => iceStates.push(pc.iceConnectionState)
  pc.ontrack = ({ streams }) => (video.srcObject = streams[0] ?? null)
  return { video, iceStates }
}

async function decoded(pc, { video, iceStates }, frames) {
  const endMs = performance.now() + 15_000
  let stats = { framesDecoded: 0 }
  while (stats.framesDecoded < frames || video.videoWidth === 0) {
    if (performance.now() > endMs) break
    await new Promise((resolve) => setTimeout(resolve, 50))
    for (const report of (await pc.getStats()).values())
      if (report.type === 'inbound-rtp' && report.kind === 'video') stats = { framesDecoded: 0, ...report }
  }
  const size = `${video.videoWidth}x${video.videoHeight}`
  video.remove()
  return { frames: stats.framesDecoded, size, iceStates }
}
