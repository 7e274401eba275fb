import { answerLines } from '../../../bench/load/child.js'
import { enter } from './viewer.js'

/** failing-viewers.ts ORIGIN UDP_PORT: two viewers of camera3 in a process that will be killed. A line is answered when they are in. */
const [origin, udpPort] = process.argv.slice(2) as [string, string]
const common = { origin, udpPort: Number(udpPort), camera: 'camera3' }
const viewers = [await enter({ ...common, via: 'whep' }), await enter({ ...common, via: 'websocket' })]
await answerLines(() => viewers.filter((viewer) => !('refusal' in viewer)).length)
