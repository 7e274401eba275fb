import { answerLines } from '../../../bench/load/child.js'
import { until } from '../../support/program.js'
import { watch } from '../../support/watcher.js'
import { FPS } from './stage.js'

/** remote-viewer.ts ORIGIN ADDRESS: a viewer of camera1 at an address of its own; answers every line on stdin with what it saw. */
const [origin, bindIp] = process.argv.slice(2) as [string, string]
const watcher = await watch(origin, 'camera1', { bindIp })
await until(() => watcher.seen().frames >= FPS, 10_000) // what it was sent to catch up
watcher.restart()
await answerLines(() => watcher.seen())
