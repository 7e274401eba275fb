import { mkdtempSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../../../src/lib/error-message.js'
import { Scope } from '../../../src/lib/scope.js'
import type { VideoCodec } from '../../../src/rtp/packet.js'
import { startProgram, type Health, type Program } from '../../support/program.js'
import { run, type Ran } from './commands.js'
import { watchVideo, type Video } from './video.js'

const MAIN = '/run/checkout/dist/main.js'
const POLL_MS = 250

export type CameraState = Health['cameras'][string]

/** What a case works with. Everything that it opened is closed with it. */
export interface Stage extends AsyncDisposable {
  /** How many times slower the guest is than on two idle cores. */
  readonly pace: number
  /** The program serving these tables of a configuration file. */
  serve(tables: string, args?: string[]): Promise<Program>
  /** One of the program's commands, run to its end. */
  command(...args: string[]): Promise<Ran>
  watch(program: Program, camera: string, codec: VideoCodec): Promise<Video>
  /** Waits for a state of the camera. @throws Error with the last state after `limitS`, longer in a slow guest. */
  state(
    program: Program,
    isIt: (state: CameraState) => boolean,
    limitS?: number,
    camera?: string,
  ): Promise<CameraState>
  /** Waits until the question is answered with a value. */
  until<T>(what: string, question: () => T | undefined | Promise<T | undefined>, limitS?: number): Promise<T>
}

export function openStage(pace: number): Stage {
  const opened = new Scope()
  /** What the program remembers lasts as long as the case. */
  const state = mkdtempSync('/tmp/state-')
  const until: Stage['until'] = async (what, question, limitS = 60) => {
    const endMs = performance.now() + limitS * 1000 * pace
    for (;;) {
      const answer = await question()
      if (answer !== undefined) return answer
      if (performance.now() > endMs) throw new Error(`not within ${Math.round(limitS * pace)} s: ${what}`)
      await sleep(POLL_MS)
    }
  }
  return {
    pace,
    until,
    serve: async (tables, args = []) => {
      const program = await startProgram({
        tables,
        args,
        main: MAIN,
        startLimitMs: 90_000 * pace,
        env: { XDG_STATE_HOME: state },
      })
      opened.defer(() => console.log(program.output()))
      return opened.use(program)
    },
    command: async (...args) => await run(process.execPath, [MAIN, ...args], 120 * pace),
    watch: async (program, camera, codec) => {
      // werift's DTLS client gives up after 5 retransmissions, which a busy guest may need.
      for (let attempts = 5; ; attempts--) {
        try {
          return opened.use(await watchVideo(program.url, camera, codec))
        } catch (error) {
          if (attempts === 1) throw error
          console.log(`the viewer did not connect: ${messageOf(error)}`)
        }
      }
    },
    state: async (program, isIt, limitS, camera = 'camera1') => {
      let last = ''
      return await until(
        'the state of the camera',
        async () => {
          const { [camera]: status } = (await program.health()).cameras
          if (status === undefined) return undefined
          const text = [status.state, status.cause, status.message].filter(Boolean).join(', ')
          if (text !== last) console.log(`${camera}: ${text}`)
          last = text
          return isIt(status) ? status : undefined
        },
        limitS,
      ).catch((error: unknown) => {
        throw new Error(`${messageOf(error)}; it is ${last}`)
      })
    },
    [Symbol.asyncDispose]: async () => await opened[Symbol.asyncDispose](),
  }
}
