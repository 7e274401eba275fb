import { expect, test } from 'vitest'
import { tableOf, type PartitionedFile } from './tables.js'

const file: PartitionedFile = {
  server: { 'web-port': 1 },
  video: { fps: 2 },
  webrtc: { announce: 3 },
  rtsp: { port: 6 },
  limits: { 'max-sessions': 4 },
  cameras: { camera1: { device: 5 } },
}

test('every table of a file is found by its name', () => {
  const { cameras, ...tables } = file
  for (const [name, table] of Object.entries({ ...tables, ...cameras }))
    expect(tableOf(file, name)).toBe(table)
})

test.each(['camera2', 'cameras', 'constructor'])('there is no table [%s]', (name) =>
  expect(tableOf(file, name)).toBeUndefined(),
)
