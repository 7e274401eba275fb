import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { listSensors, parseSensors, sensorsFor } from './sensor-list.js'

const IMX219 = '/base/soc/i2c0mux/i2c@1/imx219@10'
const OTHER = '/base/axi/pcie@120000/rp1/i2c@80000/imx585@1A'

const LIST = `Available cameras
-----------------
0 : imx219 [3280x2464 10-bit RGGB] (${IMX219})
    Modes: 'SRGGB10_CSI2P' : 640x480 [206.65 fps - (1000, 752)/1280x960 crop]
                             1640x1232 [41.85 fps - (0, 0)/3280x2464 crop]
           'SRGGB8' : 640x480 [206.65 fps - (1000, 752)/1280x960 crop]
                      1640x1232 [83.70 fps - (0, 0)/3280x2464 crop]

1 : imx585 [3840x2160 16-bit RGGB] (${OTHER})
    Modes: 'SRGGB12_CSI2P' : 1928x1090 [87.60 fps - (0, 0)/3840x2160 crop]
           'SRGGB16' : 3856x2180 [21.90 fps - (0, 0)/3840x2160 crop]
`

const cropOf = (x: number, y: number, width: number, height: number) => ({ x, y, width, height })

test('every mode is parsed with its depth, rate and crop', () => {
  const whole = cropOf(0, 0, 3280, 2464)
  const middle = cropOf(1000, 752, 1280, 960)
  expect(parseSensors(LIST).get(IMX219)).toEqual({
    width: 3280,
    height: 2464,
    modes: [
      { width: 640, height: 480, bitDepth: 10, fps: 206.65, crop: middle },
      { width: 1640, height: 1232, bitDepth: 10, fps: 41.85, crop: whole },
      { width: 640, height: 480, bitDepth: 8, fps: 206.65, crop: middle },
      { width: 1640, height: 1232, bitDepth: 8, fps: 83.7, crop: whole },
    ],
  })
  expect(
    parseSensors(LIST)
      .get(OTHER)
      ?.modes.map(({ bitDepth }) => bitDepth),
  ).toEqual([12, 16])
})

test('the list of a camera that another program holds is corrected from the table', () => {
  const held = `0 : imx477 [4056x3040 12-bit RGGB] (/base/soc/i2c0mux/i2c@1/imx477@1a)
    Modes: 'SRGGB12_CSI2P' : 2028x1080 [30.00 fps - (65535, 65535)/65535x65535 crop]
                             2028x1520 [inf fps - (0, 0)/0x0 crop]`
  expect(parseSensors(held).get('/base/soc/i2c0mux/i2c@1/imx477@1a')?.modes).toEqual([
    { width: 2028, height: 1080, bitDepth: 12, fps: 30, crop: cropOf(0, 440, 4056, 2160) },
    { width: 2028, height: 1520, bitDepth: 12, fps: 40.01, crop: cropOf(0, 0, 4056, 3040) },
  ])
})

test('lists of older releases have no crops, or no rates at all', () => {
  const early = `0 : mono [1280x800] (/base/soc/i2c0mux/i2c@1/mono@60)
    Modes: 'R10_CSI2P' : 640x400 (120.00 fps) 1280x800 (60.00 fps)`
  expect(parseSensors(early).get('/base/soc/i2c0mux/i2c@1/mono@60')?.modes).toEqual([
    { width: 640, height: 400, bitDepth: 10, fps: 120, crop: undefined },
    { width: 1280, height: 800, bitDepth: 10, fps: 60, crop: cropOf(0, 0, 1280, 800) },
  ])
  const first = `0 : imx477 [4056x3040] (/base/x/imx477@1a)\n    Modes: 'SRGGB10_CSI2P' : 1332x990 \n`
  expect(parseSensors(first).size).toBe(0)
  expect(parseSensors('No cameras available!\n').size).toBe(0)
})

test('libcamera-hello is asked where rpicam-hello is not installed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rpi-webrtc-list-'))
  onTestFinished(async () => await rm(folder, { recursive: true }))
  await writeFile(join(folder, 'libcamera-hello'), `#!/bin/sh\nprintf '%s' "${LIST}"\n`)
  await chmod(join(folder, 'libcamera-hello'), 0o755)
  expect([...(await listSensors({ PATH: `${folder}:/usr/bin:/bin` })).keys()]).toEqual([IMX219, OTHER])
  expect((await listSensors({ PATH: '/nowhere' })).size).toBe(0)
})

test('cameras that are known are not listed again, and keep their modes', async () => {
  const known = parseSensors(LIST)
  expect(await sensorsFor(known, [IMX219], { PATH: '/nowhere' })).toBe(known)
  expect([...(await sensorsFor(known, ['new'], { PATH: '/nowhere' })).keys()]).toEqual([IMX219, OTHER])
})
