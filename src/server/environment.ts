import type { Machine } from '../camera/gstreamer/machine.js'
import type { ProcessMetrics } from '../http/routes/metrics-facts.js'
import type { Env } from '../lib/env.js'
import type { Log } from '../log.js'

/** What the server needs besides its configuration. */
export interface ServerEnvironment {
  machine: Machine
  env: Env
  debug: boolean
  version: string
  /** The folder with the page's files. */
  staticDir: string
  processMetrics?: () => ProcessMetrics
  log: (part: string) => Log
}
