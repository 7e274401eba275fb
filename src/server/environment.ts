import type { FallbackMemory } from '../camera/capture/fallback-memory.js'
import type { Machine } from '../camera/gstreamer/machine.js'
import type { ProcessMetrics } from '../http/routes/metrics-facts.js'
import type { Env } from '../lib/env.js'
import type { WorkQueue } from '../lib/work-queue.js'
import type { Log } from '../log.js'
import type { OwnerEnvironment } from './owner-environment.js'

/** What the server needs besides its configuration. */
export interface ServerEnvironment {
  machine: Machine
  /** Which settings cameras delivered without, in earlier runs. */
  fallbacks?: FallbackMemory
  env: Env
  debug: boolean
  version: string
  /** The folder with the page's files. */
  staticDir: string
  /** docs/openapi.json; undefined where the installation lacks it. */
  openApi?: string | undefined
  /** The configuration file; undefined while there is none. */
  configFile?: () => string | undefined
  /** What reads the configuration file to apply or to edit it: a save during a reload would be undone. */
  fileWork?: WorkQueue
  /** For the owner's page. */
  owner?: OwnerEnvironment
  processMetrics?: () => ProcessMetrics
  log: (part: string) => Log
}
