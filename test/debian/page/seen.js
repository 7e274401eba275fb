/** What the tile of a camera has received over WebRTC (W3C webrtc-stats), and how many colours its picture has. */
globalThis.seen = async (camera) => {
  const tile = document.querySelector(`[data-camera="${camera}"]`)
  const video = tile?.querySelector('video')
  const all = [...((await tile?.peerConnection?.getStats())?.values() ?? [])]
  const inbound = all.find(({ type, kind }) => type === 'inbound-rtp' && kind === 'video') ?? {}
  const codec = all.find(({ id }) => id === inbound.codecId)
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = 16
  const context = canvas.getContext('2d')
  if (video) context.drawImage(video, 0, 0, 16, 16)
  const { data } = context.getImageData(0, 0, 16, 16)
  const coarse = Array.from({ length: 256 }, (_, i) =>
    [0, 1, 2].map((channel) => data[4 * i + channel] >> 6).join(),
  )
  return {
    frames: inbound.framesDecoded ?? 0,
    codec: codec?.mimeType ?? '',
    size: `${inbound.frameWidth ?? 0}x${inbound.frameHeight ?? 0}`,
    colours: new Set(coarse).size,
  }
}
