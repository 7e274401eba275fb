/**
 * For the page: reads the clock that the stand-in for libcamerasrc draws (STANDIN_CLOCK=1) out of every picture that is
 * presented, for so long. Times are performance.now(); capturedMs is null where the pixels make no sense.
 */
window.watchPictures = async (camera, forMs) => {
  const [blockPixels, calibrationBlocks, bits] = [16, 4, 32]
  const video = document.querySelector(`[data-camera="${camera}"] video`)
  const canvas = document.createElement('canvas')
  canvas.width = (calibrationBlocks + bits) * blockPixels
  canvas.height = blockPixels
  const context = canvas.getContext('2d', { willReadFrequently: true })

  /** 1 white, 0 black, by the middle of each block; what is neither is not to be trusted. */
  const readBlocks = () => {
    context.drawImage(video, 0, blockPixels - video.videoHeight)
    const { data } = context.getImageData(0, blockPixels / 2, canvas.width, 1)
    return Array.from({ length: calibrationBlocks + bits }, (_, i) => {
      const green = data[4 * (i * blockPixels + blockPixels / 2) + 1]
      return green > 170 ? 1 : green < 85 ? 0 : null
    })
  }

  const pictures = []
  const endMs = performance.now() + forMs
  return await new Promise((resolve) => {
    const onFrame = (_now, { expectedDisplayTime }) => {
      const readMs = performance.now()
      const blocks = readBlocks()
      const data = blocks.splice(calibrationBlocks)
      const isClock = blocks.join('') === '0101' && !data.includes(null)
      const capturedMs = isClock ? data.reduce((sum, bit) => sum * 2 + bit, 0) : null
      pictures.push({ capturedMs, displayedMs: expectedDisplayTime, readMs })
      if (readMs > endMs) resolve(pictures)
      else video.requestVideoFrameCallback(onFrame)
    }
    video.requestVideoFrameCallback(onFrame)
  })
}
