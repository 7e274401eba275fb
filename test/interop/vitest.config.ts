import { defineConfig } from 'vitest/config'

/** The clients decode and the cameras encode in software on the same cores: one test at a time, and nothing beside them. */
export default defineConfig({
  test: {
    include: ['test/interop/**/*.test.ts'],
    globalSetup: ['test/support/build.ts'],
    testTimeout: 40_000,
    hookTimeout: 60_000,
    reporters: process.env['CI']
      ? ['default', ['json', { outputFile: 'test-results/interop.json' }]]
      : ['default'],
  },
})
