import { captureStates } from './camera-facts.js'
import type { MetricsFacts } from './metrics-facts.js'
import type { MetricFamily } from './prometheus-text.js'

/** What /metrics says of sound; without a camera that has some no family has a sample. */
export function audioFamilies(cameras: MetricsFacts['cameras']): MetricFamily[] {
  const all = Object.entries(cameras).flatMap(([camera, { audio }]) =>
    audio === undefined ? [] : [{ audio, labels: { camera } }],
  )
  return [
    {
      name: 'rpi_webrtc_camera_audio_state',
      type: 'gauge',
      help: "1 for the current state of the camera's sound, 0 for the others.",
      samples: all.flatMap(({ audio, labels }) =>
        captureStates.map((state) => ({
          labels: { ...labels, state },
          value: audio.state === state ? 1 : 0,
        })),
      ),
    },
    {
      name: 'rpi_webrtc_camera_audio_restarts_total',
      type: 'counter',
      help: 'Restarts of the process that records the sound.',
      samples: all.map(({ audio, labels }) => ({ labels, value: audio.restarts })),
    },
    {
      name: 'rpi_webrtc_camera_audio_packets_total',
      type: 'counter',
      help: 'RTP packets of sound received from the microphone.',
      samples: all.map(({ audio, labels }) => ({ labels, value: audio.packets })),
    },
  ]
}
