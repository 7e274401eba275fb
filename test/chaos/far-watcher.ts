import { answerLines } from '../../bench/load/child.js'
import { watch } from '../helpers/watcher.js'

/** far-watcher.ts ORIGIN ADDRESS: a viewer of camera1 at an address of its own; answers every line on stdin with what it saw. */
const [origin, bindIp] = process.argv.slice(2) as [string, string]
const watcher = await watch(origin, 'camera1', { bindIp })
await answerLines(() => watcher.seen())
