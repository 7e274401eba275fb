import { expect, test } from 'vitest'
import { exampleCamera, exampleMachine } from '../../test/fakes/examples.js'
import { checkTwoSizes } from './two-sizes.js'

const VGA = { width: 640, height: 480 }
const LOW = { width: 320, height: 240, fps: 15 }

test('a camera with one size has nothing to check', () =>
  expect(checkTwoSizes(exampleCamera({ ...VGA, low: false }), exampleMachine())).toEqual([]))

test('the small size is named', () =>
  expect(checkTwoSizes(exampleCamera({ ...VGA, low: LOW }), exampleMachine())).toMatchObject([
    { id: 'two-sizes', status: 'ok', title: 'camera1 small size', detail: '320x240@15' },
  ]))

test('"auto" that leaves it off says why, and what to write', () => {
  const machine = exampleMachine({ cores: 2, without: ['v4l2h264enc'] })
  const [check] = checkTwoSizes(exampleCamera({ ...VGA, low: 'auto' }), machine)
  expect(check).toMatchObject({ id: 'two-sizes', status: 'warning' })
  expect(check!.detail).toContain('fewer than 4 cores')
  expect(check!.hint).toContain('write low = "320x240@15"')
})

test('a camera that another program encodes has one size', () => {
  const camera = exampleCamera({
    device: { kind: 'rtp', port: 5004 },
    low: 'auto',
  })
  expect(checkTwoSizes(camera, exampleMachine())).toMatchObject([
    { status: 'warning', hint: 'Write low = false' },
  ])
})
