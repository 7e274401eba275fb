import { expect, test } from 'vitest'
import { exampleCamera, exampleMachine } from '../../../test/fakes/examples.js'
import { buildSource } from './source.js'

const camera = exampleCamera({ device: { kind: 'libcamera', name: 'Sensor B' } })
const source = (about: { convert?: boolean }): string =>
  buildSource(camera, 'NV12', exampleMachine(), about)!.join(' ')

test('a libcamera camera delivers the format of the encoder, without a conversion', () => {
  expect(source({})).toContain('video/x-raw,format=NV12,width=640,height=480')
  expect(source({})).not.toContain('videoconvert')
})

test('to convert, libcamera chooses the format, and all that v4l2h264enc needs is set behind it', () =>
  expect(source({ convert: true })).toMatch(
    / ! video\/x-raw,width=640,height=480,framerate=30\/1,interlace-mode=progressive ! videoconvert ! video\/x-raw,format=NV12,colorimetry=bt709$/,
  ))
