import { expect, test } from 'vitest'
import { startLoad } from '../../bench/load/child.js'
import type { Sent } from '../../bench/load/source.js'
import { freePorts, startProgram, until } from '../support/program.js'

/** `CHURN_VIEWERS=1000 npx vitest run --project stress test/stress/churn.test.ts` takes some minutes. */
const VIEWERS = Number(process.env['CHURN_VIEWERS'] ?? 100)
/** Until all code is compiled and all pools have their final size. */
const WARM_UP_VIEWERS = 60
/** V8 collects when it likes. Over 100 viewers this finds leaks above 300 kB for each, over 1,000 above 30 kB. */
const MAX_GROWTH_MB = 30
/** A third leaves without notice, and has to time out. */
const ALL_GONE_LIMIT_MS = 60_000
/** Kept connections of `fetch`, and of the last requests. */
const SPARE_DESCRIPTORS = 4

test(
  `${VIEWERS} viewers that come and go leave memory and descriptors as they were`,
  { timeout: 180_000 + VIEWERS * 2000 },
  async () => {
    const [rtpPort] = await freePorts(1)
    await using program = await startProgram({
      tables: `[camera1]\ndevice = "rtp://127.0.0.1:${rtpPort}"\nwebrtc-port = $PORT1
[webrtc]\nudp-port = $UDP\nmax-clients = 100\n[limits]\noffers-per-second = 1000\noffer-burst = 1000`,
      nodeFlags: ['--max-semi-space-size=4', '--max-old-space-size=96'], // as `npm start`
    })
    await using _source = startLoad<Sent>('source.ts', rtpPort!, 250, 33)
    await using joiners = startLoad<number>('churn-viewers.ts', program.url, 'camera1')
    const settled = async (): Promise<{ megabytes: number; descriptors: number }> => {
      await until(async () => (await program.health()).cameras['camera1']!.viewers === 0, ALL_GONE_LIMIT_MS)
      const text = await (await fetch(`${program.url}/metrics`)).text()
      const value = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)![1])
      return {
        megabytes: value('process_resident_memory_bytes') / 1e6,
        descriptors: value('process_open_fds'),
      }
    }
    for (let i = 0; i < WARM_UP_VIEWERS; i++) await joiners.ask()
    const before = await settled()
    for (let i = 0; i < VIEWERS; i++) await joiners.ask()
    const after = await settled()
    console.log(`${VIEWERS} viewers: ${JSON.stringify({ before, after })}`)
    expect(after.descriptors).toBeLessThanOrEqual(before.descriptors + SPARE_DESCRIPTORS)
    expect(after.megabytes).toBeLessThan(before.megabytes + MAX_GROWTH_MB)
  },
)
