import { defineConfig } from 'vitest/config'

/** Tests of src/ that start GStreamer, child processes, DTLS sessions or streams: slower, but they need no build. */
export const COMPONENT_TESTS = [
  'src/camera/capture/external-rtp.test.ts',
  'src/camera/capture/gst-fallback.test.ts',
  'src/camera/capture/gst-low.test.ts',
  'src/camera/capture/gst-passthrough.test.ts',
  'src/camera/capture/gst-supervised.test.ts',
  'src/camera/capture/spawn.test.ts',
  'src/camera/capture/supervisor.test.ts',
  'src/camera/gstreamer/gst-frame-rate.test.ts',
  'src/camera/gstreamer/gst-launch.test.ts',
  'src/camera/gstreamer/gst-names.test.ts',
  'src/camera/snapshots/gst-snapshots.test.ts',
  'src/publisher/publishers.test.ts',
  'src/rtp/stream.test.ts',
  'src/viewer/audio.test.ts',
  'src/viewer/push-sessions.test.ts',
  'src/viewer/registry.test.ts',
  'src/viewer/viewer.test.ts',
]

// A time limit here only ends a test that hangs. It has to hold on a machine that is busy with other work.
const patient = {
  setupFiles: ['test/support/patient-wait.ts'],
  testTimeout: 60_000,
  hookTimeout: 60_000,
  expect: { poll: { timeout: 20_000 } },
}
const builds = { globalSetup: ['test/support/build.ts'] }

export default defineConfig({
  test: {
    // `npm run unit` and its siblings name the file: test/summary.mjs adds them up.
    reporters: process.env['CI'] ? ['default', 'json'] : ['default'],
    projects: [
      {
        test: {
          ...patient,
          name: 'unit',
          include: ['src/**/*.test.ts', 'test/*.test.ts', 'test/page/*.test.ts'],
          exclude: COMPONENT_TESTS,
        },
      },
      { test: { ...patient, name: 'components', include: COMPONENT_TESTS } },
      {
        test: {
          ...patient,
          ...builds,
          name: 'integration',
          include: ['test/integration/**/*.test.ts', 'test/compat/*.test.ts', 'test/network/*.test.ts'],
        },
      },
      {
        test: {
          ...patient,
          ...builds,
          name: 'interop',
          include: ['test/interop/*.test.ts'],
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          ...patient,
          ...builds,
          name: 'stress',
          include: ['test/stress/**/*.test.ts'],
          testTimeout: 300_000,
        },
      },
    ],
  },
})
