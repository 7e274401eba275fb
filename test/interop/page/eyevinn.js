import { WebRTCPlayer } from '@eyevinn/webrtc-player'

/** The WHEP player of npm, as its README says it is used. */
export async function watchEyevinn(url, frames) {
  const video = document.createElement('video')
  Object.assign(video, { muted: true, autoplay: true, playsInline: true })
  document.body.append(video)
  const player = new WebRTCPlayer({ video, type: 'whep', iceServers: [], statsTypeFilter: '^inbound-rtp' })
  await player.load(new URL(url))
  const endMs = performance.now() + 15_000
  const count = () => video.getVideoPlaybackQuality().totalVideoFrames
  while (count() < frames && performance.now() < endMs)
    await new Promise((resolve) => setTimeout(resolve, 50))
  const result = { frames: count(), size: `${video.videoWidth}x${video.videoHeight}` }
  await player.unload()
  player.destroy()
  video.remove()
  return result
}
