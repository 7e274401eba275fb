import { defineConfig } from '@playwright/test'
import { chromiumOptions } from '../test/support/chromium.js'

export default defineConfig({
  testDir: '.',
  outputDir: '../test-results/e2e',
  // Two cameras encode and Chromium decodes in software on the same cores: one test at a time.
  workers: 1,
  timeout: 90_000,
  reporter: process.env['CI'] ? [['list'], ['json', { outputFile: '../test-results/e2e.json' }]] : [['list']],
  use: {
    browserName: 'chromium',
    viewport: { width: 1280, height: 800 },
    launchOptions: chromiumOptions,
  },
})
