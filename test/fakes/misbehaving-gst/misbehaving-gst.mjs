// Runs the real gst-launch-1.0 and passes its RTP on, in one of the ways a capture process can go wrong. MISBEHAVING_PLAN is a
// file with a JSON list: the n-th start takes the n-th entry, every later one the last; it is read again while it runs.
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { appendFileSync, readFileSync, statSync } from 'node:fs'

const { MISBEHAVING_PLAN: planFile, MISBEHAVING_REAL: real } = process.env
const args = process.argv.slice(2)
const target = args.findIndex((word, i) => word.startsWith('port=') && args[i - 1] === 'host=127.0.0.1')
if (target === -1) process.exit(spawnSync(real, args, { stdio: 'inherit' }).status ?? 1) // asked for its version
const starts = `${planFile}.starts`
const turn = statSync(starts, { throwIfNoEntry: false })?.size ?? 0
appendFileSync(starts, '.')

const port = Number(args[target].slice('port='.length))
const [input, output] = [createSocket({ type: 'udp4', recvBufferSize: 4 << 20 }), createSocket('udp4')]
input.bind(0, '127.0.0.1')
output.bind(0, '127.0.0.1')
await Promise.all([once(input, 'listening'), once(output, 'listening')])
args[target] = `port=${input.address().port}`

const readPlan = () => {
  const plan = JSON.parse(readFileSync(planFile, 'utf8'))
  return plan[Math.min(turn, plan.length - 1)]
}
let plan = readPlan()
setInterval(() => {
  try {
    plan = readPlan()
  } catch {
    // It is being written.
  }
  if (plan.do === 'noise-beside') for (let i = 0; i < 20; i++) send(randomBytes(1 + ((i * 61) % 1200)))
}, 50)

const die = () => process.kill(process.pid, 'SIGKILL')
const send = (packet) => output.send(packet, port, '127.0.0.1')
const startedMs = performance.now()
if (plan.do === 'die-before-first') setTimeout(die, plan.afterMs)

let passed = 0
let inKeyframe = 0
input.on('message', (packet) => {
  const isKeyframe = packet[12] & 0x10 ? (packet[12 + descriptorBytes(packet)] & 1) === 0 : inKeyframe > 0
  inKeyframe = isKeyframe ? inKeyframe + 1 : 0
  switch (plan.do) {
    case 'die-before-first':
      return
    case 'noise-instead':
      return send(randomBytes(packet.length))
    case 'noise-payload':
      return send(Buffer.concat([packet.subarray(0, 12), randomBytes(packet.length - 12)]))
    case 'noise-header':
      randomBytes(6).copy(packet, 2) // sequence number and timestamp; the SSRC stays
      return send(packet)
    case 'new-ssrc':
      packet.writeUInt32BE(1000 + Math.floor((performance.now() - startedMs) / 1000), 8)
      return send(packet)
    default:
      send(packet)
  }
  passed++
  // UDP has it when `send` has been asked for, one turn of the loop later.
  if (plan.do === 'die-after' && passed === plan.packets) setTimeout(die, 5)
  if (plan.do === 'die-in-keyframe' && inKeyframe === plan.packets)
    input.removeAllListeners('message') && setTimeout(die, 5)
})

function descriptorBytes(packet) {
  if ((packet[12] & 0x80) === 0) return 1
  return packet[13] & 0x80 ? (packet[14] & 0x80 ? 4 : 3) : 2
}

const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', real, ...args], {
  stdio: ['ignore', 'ignore', 'inherit', 3],
})
process.on('SIGINT', () => child.kill('SIGINT'))
child.on('exit', (code) => process.exit(code ?? 1))
