import { readFile } from 'node:fs/promises'
import { isAlive } from '../../fakes/alive.js'
import { seededRandom } from '../../support/viewer-random.js'
import { until } from '../../support/program.js'
import { onStage, pause, testCamera, type Case, type Stage } from './stage.js'
import { misbehavingGst, type Deed } from './misbehaving-gst.js'

/** A capture process that goes wrong. */
export const processCases: Case[] = [
  {
    title: 'capture process killed (SIGKILL)',
    isQuick: true,
    play: async () =>
      await onStage({}, async ({ program, viewer, expect, playsAgain }) => {
        process.kill(await program.capturePid(1), 'SIGKILL')
        await playsAgain(1, 10_000)
        expect('the picture is back within 2 s', viewer.seen().longestGapMs < 2000)
        expectWhole(viewer, expect)
      }),
  },
  {
    title: 'capture process stopped (SIGSTOP)',
    isQuick: true,
    play: async () =>
      await onStage({}, async ({ program, viewer, expect, playsAgain }) => {
        const pid = await program.capturePid(1)
        process.kill(pid, 'SIGSTOP')
        await playsAgain(1, 15_000)
        expect('the picture is back within 5 s', viewer.seen().longestGapMs < 5000)
        expect('the stopped process is gone', !isAlive(pid))
        expectWhole(viewer, expect)
      }),
  },
  {
    title: 'capture process writes megabytes to stderr',
    play: async () =>
      await onStage({ env: { GST_DEBUG: '7' } }, async ({ program, viewer, expect, note }) => {
        const rss = async () => Number(/VmRSS:\s+(\d+)/.exec(await statusOf(program.pid))?.[1])
        const before = await rss()
        const readBefore = await bytesRead(program.pid)
        await pause(4000)
        const megabytes = ((await bytesRead(program.pid)) - readBefore) / 1e6
        note(
          `${(megabytes / 4).toFixed(1)} MB/s were read and dropped, RSS ${((await rss()) - before) >> 10} MB more`,
        )
        expect('it wrote megabytes', megabytes > 4)
        expect('memory does not grow with it', (await rss()) - before < 30_000)
        expect('no standstill', viewer.seen().longestGapMs < 1000)
        expectWhole(viewer, expect)
      }),
  },
  {
    title: 'capture process sends noise instead of RTP',
    isQuick: true,
    play: async () =>
      await withDeeds([{ do: 'pass' }, { do: 'pass' }], async ({ viewer, expect, playsAgain }, setPlan) => {
        await setPlan({ do: 'noise-instead' }, { do: 'pass' })
        await playsAgain(1, 15_000)
        expect('the picture is back within 5 s', viewer.seen().longestGapMs < 5000)
        expectWhole(viewer, expect)
      }),
  },
  {
    title: 'capture process sends noise beside its RTP',
    play: async () =>
      await withDeeds([{ do: 'pass' }], async ({ viewer, expect }, setPlan) => {
        await setPlan({ do: 'noise-beside' })
        await pause(3000)
        expect('nothing of it is seen', viewer.seen().longestGapMs < 500)
        expectWhole(viewer, expect)
      }),
  },
  {
    title: 'RTP with noise for payload',
    play: async () =>
      await withDeeds([{ do: 'pass' }], async ({ viewer, expect }, setPlan) => {
        await setPlan({ do: 'noise-payload' })
        await pause(2000)
        await setPlan({ do: 'pass' })
        await pause(1000)
        expect('packets go on', viewer.seen().longestGapMs < 500)
        expectWhole(viewer, expect)
      }),
  },
  {
    title: 'RTP with noise for sequence numbers and timestamps',
    play: async () =>
      await withDeeds([{ do: 'pass' }], async ({ viewer, expect, playsAgain }, setPlan) => {
        await setPlan({ do: 'noise-header' }, { do: 'pass' })
        await pause(3000)
        await setPlan({ do: 'pass' })
        await playsAgain(0, 10_000)
        expect('timestamps stay near the clock', Math.abs(viewer.seen().timestampErrorMs) < 500)
      }),
  },
  {
    title: 'new SSRC every second from our own pipeline',
    play: async () =>
      await withDeeds([{ do: 'pass' }], async ({ viewer, expect, playsAgain }, setPlan) => {
        await setPlan({ do: 'new-ssrc' }, { do: 'pass' })
        await playsAgain(1, 15_000)
        expect('the picture is back within 5 s', viewer.seen().longestGapMs < 5000)
        expectWhole(viewer, expect)
      }),
  },
  ...dyingAtStart(),
  {
    title: 'killed at random moments of its start, six times',
    play: async (seed) =>
      await onStage({}, async ({ program, viewer, expect, playsAgain, note }) => {
        const next = seededRandom(seed)
        let pid = await program.capturePid(1)
        process.kill(pid, 'SIGKILL')
        for (let i = 0; i < 6; i++) {
          const before = pid
          await until(async () => {
            pid = await program.capturePid(1).catch(() => before)
            return pid !== before
          }, 15_000)
          await pause(next() * 800)
          process.kill(pid, 'SIGKILL')
        }
        await playsAgain(7, 30_000)
        note(`seed ${seed}`)
        expectWhole(viewer, expect)
      }),
  },
]

/** One death each at a certain moment after a good start, then a good start again. */
function dyingAtStart(): Case[] {
  const moments: [string, Deed][] = [
    ['before its first packet', { do: 'die-before-first', afterMs: 300 }],
    ['after its first packet', { do: 'die-after', packets: 1 }],
    ['in the middle of its first keyframe', { do: 'die-in-keyframe', packets: 3 }],
    ['after twenty packets', { do: 'die-after', packets: 20 }],
  ]
  return moments.map(([when, deed]) => ({
    title: `capture process dies ${when}`,
    isQuick: deed.do === 'die-in-keyframe',
    play: async () =>
      await withDeeds(
        [{ do: 'pass' }, deed, { do: 'pass' }],
        async ({ program, viewer, expect, playsAgain }) => {
          process.kill(await program.capturePid(1), 'SIGKILL')
          await playsAgain(2, 15_000)
          expect('the picture is back within 4 s', viewer.seen().longestGapMs < 4000)
          expectWhole(viewer, expect)
        },
        'snow', // whose keyframes are of many packets
      ),
  }))
}

async function withDeeds(
  plan: Deed[],
  act: (stage: Stage, setPlan: (...plan: Deed[]) => Promise<void>) => Promise<void>,
  pattern = 'ball',
) {
  await using deeds = await misbehavingGst(...plan)
  return await onStage(
    { env: deeds.env, tables: testCamera('', pattern) },
    async (stage) => await act(stage, deeds.setPlan),
  )
}

/** No packet is missing to a viewer although the camera broke, and each new beginning is one that can be decoded. */
function expectWhole(viewer: Stage['viewer'], expect: Stage['expect']): void {
  const { missing, resumed, resumedWithKeyframe, timestampErrorMs } = viewer.seen()
  expect('no packet is missing', missing === 0)
  expect('it goes on with a keyframe', resumed === resumedWithKeyframe)
  expect('timestamps stay near the clock', Math.abs(timestampErrorMs) < 500)
}

const statusOf = async (pid: number): Promise<string> => await readFile(`/proc/${pid}/status`, 'utf8')
const bytesRead = async (pid: number): Promise<number> =>
  Number(/rchar: (\d+)/.exec(await readFile(`/proc/${pid}/io`, 'utf8'))?.[1])
