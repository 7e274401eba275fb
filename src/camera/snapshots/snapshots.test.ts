import { expect, test } from 'vitest'
import { exampleCamera, exampleMachine } from '../../../test/fakes/examples.js'
import { silentLog } from '../../log.js'
import { alwaysWanted } from '../capture/demand.js'
import { createSnapshotReader } from './reader.js'
import { snapshotObstacle, createSnapshots } from './snapshots.js'
import { StatusBoard } from '../capture/status.js'

const failure = { cause: 'no-device', message: 'There is no /dev/video9.', hint: 'Plug it in.' }

function pictures(about: { obstacle?: typeof failure; over?: AbortSignal } = {}) {
  const board = new StatusBoard(silentLog)
  return {
    board,
    pictures: createSnapshots({
      key: 'camera1',
      camera: board,
      feed: createSnapshotReader(silentLog),
      demand: alwaysWanted,
      obstacle: about.obstacle,
      limitMs: 50,
      ...(about.over && { over: about.over }),
    }),
  }
}

test('a camera that is lost says why instead of a picture', async () => {
  const { board, pictures: asked } = pictures()
  board.lost(failure, 0)
  expect(await asked.capture(0)).toEqual(failure)
})

test('a camera that is lost while a picture is awaited says why', async () => {
  const { board, pictures: asked } = pictures()
  const asking = asked.capture(0)
  board.lost(failure, 0)
  expect(await asking).toEqual(failure)
})

test('a picture that does not come is given up after the limit', async () =>
  expect(await pictures().pictures.capture(0)).toMatchObject({
    cause: 'no-picture',
    message: 'No picture came within 0.05 s.',
  }))

test('a camera that can never deliver pictures says so at once', async () =>
  expect(await pictures({ obstacle: failure }).pictures.capture(0)).toBe(failure))

test('a machine that has everything can make pictures of every camera it captures', () => {
  expect(snapshotObstacle(exampleCamera(), exampleMachine())).toBeUndefined()
  expect(
    snapshotObstacle(exampleCamera({ device: { kind: 'rtp', port: 5000 } }), exampleMachine()),
  ).toMatchObject({
    cause: 'sent-by-another-program',
  })
})

test('what is missing for pictures is named, with the command that installs it', () =>
  expect(snapshotObstacle(exampleCamera(), exampleMachine({ without: ['jpegenc'] }))).toEqual({
    cause: 'missing-plugin',
    message: 'Pictures need jpegenc, which GStreamer has not here; the video plays without.',
    hint: 'sudo apt install gstreamer1.0-plugins-good, then start rpi-webrtc again.',
  }))

test('who follows a camera is told when it is no more', async () => {
  const over = new AbortController()
  const next = pictures({ over: over.signal }).pictures.next(0, new AbortController().signal)
  over.abort()
  await expect(next).rejects.toThrow('camera1 is no more')
})
