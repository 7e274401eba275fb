import { expect, test } from 'vitest'
import { exampleCamera, exampleMachine } from '../../../test/fakes/examples.js'
import { silentLog } from '../../log.js'
import { alwaysWanted } from '../capture/demand.js'
import { createSnapshotReader } from './reader.js'
import { snapshotObstacle, createSnapshots } from './snapshots.js'
import { StatusBoard } from '../capture/status.js'

const failure = { cause: 'no-device', message: 'There is no /dev/video9.', hint: 'Plug it in.' }

function setup(about: { obstacle?: typeof failure; removed?: AbortSignal } = {}) {
  const board = new StatusBoard(silentLog)
  return {
    board,
    snapshots: createSnapshots({
      key: 'camera1',
      camera: board,
      reader: createSnapshotReader(silentLog),
      demand: alwaysWanted,
      obstacle: about.obstacle,
      limitMs: 50,
      ...(about.removed && { removed: about.removed }),
    }),
  }
}

test('a lost camera returns its failure instead of a snapshot', async () => {
  const { board, snapshots } = setup()
  board.lost(failure, 0)
  expect(await snapshots.capture(0)).toEqual(failure)
})

test('a camera lost during a request returns its failure', async () => {
  const { board, snapshots } = setup()
  const request = snapshots.capture(0)
  board.lost(failure, 0)
  expect(await request).toEqual(failure)
})

test('a request ends after the time limit', async () =>
  expect(await setup().snapshots.capture(0)).toMatchObject({
    cause: 'no-picture',
    message: 'No snapshot arrived within 0.05 s.',
  }))

test('a camera without snapshots returns the obstacle at once', async () =>
  expect(await setup({ obstacle: failure }).snapshots.capture(0)).toBe(failure))

test('a complete machine makes snapshots of every camera it captures', () => {
  expect(snapshotObstacle(exampleCamera(), exampleMachine())).toBeUndefined()
  expect(
    snapshotObstacle(exampleCamera({ device: { kind: 'rtp', port: 5000 } }), exampleMachine()),
  ).toMatchObject({
    cause: 'sent-by-another-program',
  })
  const device = { kind: 'v4l2', path: '/dev/video0' } as const
  expect(snapshotObstacle(exampleCamera({ device, format: 'h264' }), exampleMachine())).toMatchObject({
    cause: 'passed-through',
  })
})

test('missing elements are named, with the command that installs them', () =>
  expect(snapshotObstacle(exampleCamera(), exampleMachine({ without: ['jpegenc'] }))).toEqual({
    cause: 'missing-plugin',
    message: 'Snapshots need jpegenc, which is not installed. Video still works.',
    hint: 'sudo apt install gstreamer1.0-plugins-good, then restart rpi-webrtc.',
  }))

test('a pending request rejects when its camera is removed', async () => {
  const controller = new AbortController()
  const next = setup({ removed: controller.signal }).snapshots.next(0, new AbortController().signal)
  controller.abort()
  await expect(next).rejects.toThrow('camera1 was removed')
})
