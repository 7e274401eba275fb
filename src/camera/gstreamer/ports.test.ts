import { expect, test } from 'vitest'
import { preferredIngestPorts } from './ports.js'

test('the ports of a camera are the same at every run', () =>
  expect(preferredIngestPorts(5557)).toEqual({ rtpPort: 30_228, rtcpPort: 30_229, feedbackPort: 30_230 }))

test('no port is in the ephemeral range of Linux', () => {
  const all = Array.from(
    { length: 65_535 },
    (_, i) => Object.values(preferredIngestPorts(i + 1)) as number[],
  ).flat()
  expect(all.every((port) => port >= 20_000 && port < 32_768)).toBe(true)
})

test('neighbouring cameras do not share ports', () =>
  expect(preferredIngestPorts(5558).rtpPort).toBeGreaterThan(preferredIngestPorts(5557).feedbackPort))
