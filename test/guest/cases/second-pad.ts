import assert from 'node:assert/strict'
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { Impossible, type Case } from '../inside/case.js'
import { output } from '../inside/commands.js'
import { captureOf } from '../inside/capture.js'

/** Few and small: libcamera draws the pictures of this camera itself, in an emulated processor. */
const FRAMES = 10
const FOLDER = '/usr/share/libcamera/pipeline/virtual'
const LISTER = '/usr/local/bin/rpicam-hello'
const CAMERA = 'Virtual0'

/** Sizes of the camera. It has no sensor: the program gets the modes of one from a stand-in for rpicam-hello. */
const VIRTUAL = `"${CAMERA}":
  supported_formats:
  - { width: 160, height: 120, frame_rates: [5] }
  - { width: 320, height: 240, frame_rates: [5] }
  - { width: 640, height: 480, frame_rates: [5] }
  test_pattern: "bars"
  location: "CameraLocationExternal"
  model: "Virtual"
`
const LISTED = `Available cameras
-----------------
0 : virtual [640x480 10-bit RGGB] (${CAMERA})
    Modes: 'SRGGB10_CSI2P' : 320x240 [60.00 fps - (160, 120)/320x240 crop]
                             640x480 [30.00 fps - (0, 0)/640x480 crop]
`

export const secondPad: Case = {
  name: 'libcamerasrc, second pad',
  does: "shows 160x120 of a camera of libcamera's virtual pipeline handler, whose whole scene needs a second stream of 640x480",
  expects: `${FRAMES} frames decoded, none missing, while libcamera delivers both streams`,
  limitS: 180,
  async play(stage) {
    await using _camera = await addCamera()
    const listed = await output('cam', ['-l'])
    if (!listed.includes(CAMERA)) throw new Impossible('this libcamera has no virtual pipeline handler')

    const program = await stage.serve(
      `[camera1]\ndevice = "${CAMERA}"\nwidth = 160\nheight = 120\nfps = 5\ncodec = "vp8"\nbitrate = 500000\n`,
    )
    await stage.state(program, ({ state }) => state === 'live')
    const line = await captureOf(program.pid)
    console.log(`capture: ${line.join(' ')}`)
    const second = line.slice(line.indexOf('cam.src_0'))
    assert.ok(line.includes('cam.src_0'), `one stream: ${line.join(' ')}`)
    const video = await stage.watch(program, 'camera1', 'vp8')
    await stage.until(`${FRAMES} pictures`, () => (video.decoded() >= FRAMES ? true : undefined))
    const { missing, frames } = video.seen()
    assert.equal(missing, 0)
    const { mean } = video.picture()!
    return `${video.decoded()} of ${frames} frames decoded, mean luminance ${mean.toFixed(0)}, beside ${second[2]}`
  },
}

async function addCamera(): Promise<AsyncDisposable> {
  await mkdir(FOLDER, { recursive: true })
  await writeFile(`${FOLDER}/virtual.yaml`, VIRTUAL)
  await writeFile(LISTER, `#!/bin/sh\ncat <<'LIST'\n${LISTED}LIST\n`)
  await chmod(LISTER, 0o755)
  return {
    [Symbol.asyncDispose]: async () => {
      await rm(`${FOLDER}/virtual.yaml`)
      await rm(LISTER)
    },
  }
}
