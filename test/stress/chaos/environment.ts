import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readdir } from 'node:fs/promises'
import { watch } from '../../support/watcher.js'
import { onStage, pause, testCamera, type Case } from './stage.js'

/** The machine around the program. */
export const surroundingCases: Case[] = [
  {
    title: 'disk full (a full tmpfs is home, cache, registry and temporary folder)',
    play: async () => {
      const folder = await mkdtemp(join(tmpdir(), 'chaos-full-'))
      const fill = `mount -t tmpfs -o size=64k tmpfs ${folder} && { cat /dev/zero > ${folder}/full 2>/dev/null; exec "$@"; }`
      try {
        return await onStage(
          {
            through: ['unshare', '--mount', 'sh', '-c', fill, 'sh'],
            env: {
              HOME: folder,
              TMPDIR: folder,
              XDG_CACHE_HOME: folder,
              XDG_RUNTIME_DIR: folder,
              GST_REGISTRY: join(folder, 'registry.bin'),
            },
          },
          async ({ program, viewer, expect, playsAgain, note }) => {
            process.kill(await program.capturePid(1), 'SIGKILL')
            await playsAgain(1, 20_000)
            expect('the picture is back within 4 s', viewer.seen().longestGapMs < 4000)
            const picture = await fetch(`${program.url}/camera1/snapshot.jpg`)
            expect('single pictures are delivered', picture.status === 200)
            await using second = await watch(program.url, 'camera1')
            await pause(1000)
            note(`a second viewer has ${second.seen().fps.toFixed(0)} fps`)
            expect('a second viewer plays', second.seen().frames > 10)
          },
        )
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
  },
  ...['+1h', '-1h'].map((jump): Case => ({
    title: `wall clock jumps by ${jump.replace('h', ' h')}`,
    play: async () => {
      const folder = await mkdtemp(join(tmpdir(), 'chaos-clock-'))
      const file = join(folder, 'offset')
      const setClock = async (offset: string): Promise<void> => {
        await writeFile(file, `${offset}\n`)
        await utimes(file, new Date(), new Date())
      }
      await setClock('+0')
      try {
        return await onStage(
          {
            tables: testCamera('', 'ball'),
            env: {
              LD_PRELOAD: await fakeTimeLibrary(),
              FAKETIME_TIMESTAMP_FILE: file,
              FAKETIME_CACHE_DURATION: '1',
              FAKETIME_DONT_FAKE_MONOTONIC: '1',
              DONT_FAKE_MONOTONIC: '1',
            },
          },
          async ({ program, viewer, expect, playsAgain, note }) => {
            const clockOf = async (): Promise<number> => {
              const response = await fetch(`${program.url}/camera1/snapshot.jpg`)
              await response.arrayBuffer()
              return 1000 * Number(response.headers.get('x-timestamp')) - Date.now()
            }
            await setClock(jump)
            await pause(3000)
            const offMs = await clockOf()
            note(`the program's clock is ${(offMs / 3_600_000).toFixed(2)} h off`)
            expect('the clock did jump', Math.abs(Math.abs(offMs) - 3_600_000) < 60_000)
            const seen = viewer.seen()
            expect('no standstill', seen.longestGapMs < 300 && seen.missing === 0)
            expect('timestamps stay near the clock that did not jump', Math.abs(seen.timestampErrorMs) < 300)
            expect('nothing was started again', (await program.health()).cameras['camera1']!.restarts === 0)
            await using second = await watch(program.url, 'camera1')
            await pause(1000)
            expect('a new viewer plays', second.seen().frames > 10)
            process.kill(await program.capturePid(1), 'SIGKILL')
            await playsAgain(1, 10_000)
            expect('a killed camera is back within 2 s', viewer.seen().longestGapMs < 2000)
            await setClock('+0')
            await pause(2000)
            expect('and nothing happens when it jumps back', viewer.seen().resumed === 1)
          },
        )
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
  })),
]

/** @throws Error where it is not installed. */
async function fakeTimeLibrary(): Promise<string> {
  for (const folder of await readdir('/usr/lib')) {
    const path = `/usr/lib/${folder}/faketime`
    const files: string[] = await readdir(path).catch(() => [])
    if (files.includes('libfaketimeMT.so.1')) return `${path}/libfaketimeMT.so.1`
  }
  throw new Error('libfaketime is not installed: sudo apt install faketime')
}
