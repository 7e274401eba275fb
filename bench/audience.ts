import { hasJanus, openJanusWhip, startJanus } from '../test/support/janus.js'
import { startProgram, until, type Program } from '../test/support/program.js'
import { startLoad, type Load } from './load/child.js'
import { sleep } from './load/external-camera.js'
import type { Counted } from './load/peer-viewers.js'
import { rateBetween, usageOf } from './load/usage.js'
import { Scope } from '../src/lib/scope.js'
import { describe } from './summary.js'

const SECONDS = Number(process.env['SECONDS'] ?? 8)
/** More and more, until packets are lost. */
const STEPS = (process.env['VIEWERS'] ?? '0,10,25,50,75,100,150').split(',').map(Number)
const LEAST_DELIVERED = 0.99

/**
 * The program pushes one camera to Janus, whose VideoRoom sends it to more and more viewers: what the program pays, what Janus pays, and
 * how many viewers this machine holds. The viewers are on the same machine and count packets without decrypting them.
 */
if (!hasJanus) {
  console.log('This bench needs janus: sudo apt install janus')
} else {
  await using janus = await startJanus()
  await using whip = await openJanusWhip(janus.api, { '/camera1': { codec: 'vp8' } })
  await using program = await startProgram({
    bindIp: '0.0.0.0', // Janus has no candidate of the loopback interface
    tables: `[camera1]\ndevice = "test:smpte"\nwidth = 640\nheight = 480\nfps = 30\ncodec = "vp8"\nwebrtc-port = $PORT1\n[camera1.push]\nurl = "${whip.origin}/camera1"\n`,
  })
  await until(() => whip.published.has('/camera1'), 30_000)
  const { room, feed } = whip.published.get('/camera1')!
  const url = `${janus.api}?room=${room as number}&feed=${feed as number}`
  console.log(`${describe()}\n640x480, 30 frames/s, VP8; CPU in per cent of one core, ${SECONDS} s each`)
  await using viewers = new Scope()
  const loads: Load<Counted>[] = []
  let connected = 0
  for (const step of STEPS) {
    if (step > connected) {
      const load = viewers.use(startLoad<Counted>('peer-viewers.ts', 'janus-room', url, step - connected))
      await load.ask()
      loads.push(load)
      connected = step
    }
    if (!(await measure(connected))) break
  }

  async function measure(count: number): Promise<boolean> {
    await sleep(2000)
    const sample = async () =>
      await Promise.all([
        usageOf(program.pid),
        usageOf(janus.pid()),
        pushedBy(program),
        Promise.all(loads.map(async (load) => (await load.ask()).packets)),
      ])
    const before = await sample()
    await sleep(SECONDS * 1000)
    const after = await sample()
    const arrived = after[3].reduce((sum, packets) => sum + packets, 0)
    const pushed = after[2].packets - before[2].packets
    const seconds = (after[0].atMs - before[0].atMs) / 1000
    const kbps = ((after[2].octets - before[2].octets) * 8) / 1000 / seconds
    const delivered = count === 0 ? 1 : arrived / (pushed * count)
    console.log(
      `${count} viewers: the program ${rateBetween(before[0], after[0]).cpuPercent.toFixed(1)} % and ${kbps.toFixed(0)} kbit/s, ` +
        `Janus ${rateBetween(before[1], after[1]).cpuPercent.toFixed(0)} %, delivered ${(100 * delivered).toFixed(1)} %`,
    )
    return delivered >= LEAST_DELIVERED
  }
}

interface Pushed {
  packets: number
  octets: number
}

async function pushedBy(program: Program): Promise<Pushed> {
  const text = await (await fetch(`${program.url}/metrics`)).text()
  const value = (name: string): number => Number(new RegExp(`^${name}\\{.*\\} (\\S+)$`, 'm').exec(text)?.[1])
  return {
    packets: value('rpi_webrtc_push_sent_packets_total'),
    octets: value('rpi_webrtc_push_sent_bytes_total'),
  }
}
