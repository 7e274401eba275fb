import { startLoad } from '../../../bench/load/child.js'
import { until, type Program } from '../../support/program.js'
import type { Crowd } from './joiners.js'
import { onStage, testCamera, type Case } from './stage.js'

const JOINERS = 200
const MAX_CLIENTS = 4

/** More viewers at once than there are slots. */
export const crowdCases: Case[] = [
  {
    title: `${JOINERS} viewers join within a second where max-clients is ${MAX_CLIENTS}, by WHEP and by WebSocket`,
    isQuick: true,
    play: async () => {
      const media = `[webrtc]\nudp-port = $UDP\nmax-clients = ${MAX_CLIENTS}\n[limits]\noffers-per-second = 1000\noffer-burst = 1000\nmax-connections-per-address = 500\n`
      const tables = `${testCamera('', 'ball', 1)}${testCamera('', 'ball', 2)}${media}`
      return await onStage({ tables }, async ({ program, viewer, expect, note }) => {
        const script = '../../test/stress/chaos/joiners.ts'
        await using crowd = startLoad<Crowd>(script, program.url, program.udpPort, JOINERS)
        const { playing, refusals, seconds } = await crowd.ask()
        const refusal = [...new Set(refusals)].join()
        note(
          `1 + ${playing[0]} and ${playing[1]} play, ${refusals.length} got ${refusal}, all within ${seconds.toFixed(1)} s`,
        )
        expect(
          'exactly as many play as there are slots',
          playing.join() === `${MAX_CLIENTS - 1},${MAX_CLIENTS}`,
        )
        expect('all others get camera-full', refusal === 'camera-full')
        expect('who was there before hardly notices', viewer.seen().longestGapMs < 2000)
        await crowd.ask()
        await until(async () => (await slotsTaken(program)) === '1,0', 25_000)
        const again = await crowd.ask()
        expect('every slot can be had again', again.playing.join() === `${MAX_CLIENTS - 1},${MAX_CLIENTS}`)
      })
    },
  },
]

const slotsTaken = async (program: Program): Promise<string> =>
  Object.values((await program.health()).cameras)
    .map(({ viewers }) => viewers)
    .join()
