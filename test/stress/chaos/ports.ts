import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { preferredIngestPorts } from '../../../src/camera/gstreamer/ports.js'
import { cameraSsrc } from '../../../src/camera/gstreamer/rtp-output.js'
import { commandLineOf, freePorts, until, type Program } from '../../support/program.js'
import { rtpPacket, vp8Delta, vp8Key } from '../../support/rtp.js'
import { onStage, pause, type Case, type Outcome, type Stage } from './stage.js'

/** Another program of this machine at a camera's ports. */
export const portCases: Case[] = [
  {
    title: 'ingest port taken by another program before the start',
    play: async () => {
      const ports = await somePorts()
      await using _holder = await hold(preferredIngestPorts(ports.webrtcPorts[0]!).rtpPort)
      return await onStage({ ports }, async ({ program, viewer, expect, playsAgain }) => {
        process.kill(await program.capturePid(1), 'SIGKILL')
        await playsAgain(1, 10_000)
        expect('the picture is back within 2 s', viewer.seen().longestGapMs < 2000)
      })
    },
  },
  {
    title: 'another program tries to bind the ingest port while the camera is down',
    play: async () =>
      await onStage({}, async ({ program, expect, playsAgain }) => {
        const { rtpPort } = await portsOf(program)
        process.kill(await program.capturePid(1), 'SIGKILL')
        await using thief = await hold(rtpPort).catch(() => undefined)
        expect('it cannot: the port is ours while the program runs', thief === undefined)
        await playsAgain(1, 10_000)
      }),
  },
  {
    title: 'feedback port stolen while the camera is down',
    isQuick: true,
    play: async () =>
      await onStage({}, async ({ program, viewer, expect, playsAgain, note }) => {
        const { feedbackPort } = await portsOf(program)
        process.kill(await program.capturePid(1), 'SIGKILL')
        const thief = await holdAsSoonAsPossible(feedbackPort)
        await playsAgain(1, 20_000)
        const other = await portsOf(program)
        note(
          `the camera listens on port ${other.feedbackPort - feedbackPort > 0 ? 'another' : 'the same'} meanwhile`,
        )
        await thief[Symbol.asyncDispose]()
        expect('the picture is back within 3 s', viewer.seen().longestGapMs < 3000)
        await expectKeyframeOnDemand(viewer, program, expect)
      }),
  },
  {
    title: 'another program sends RTP of its own to the ingest port',
    play: async () => await withStranger(99),
  },
  {
    title: 'another program sends RTP with the SSRC of the camera to the ingest port',
    play: async () => await withStranger(cameraSsrc({ key: 'camera1' })),
  },
  {
    title: 'rtp:// camera whose sender changes SSRC, sequence and timestamps every second',
    isQuick: true,
    play: async () => {
      const ports = await somePorts()
      const [rtpPort] = await freePorts(1)
      await using source = externalSource(rtpPort!)
      const tables = `[camera1]\ndevice = "rtp://127.0.0.1:${rtpPort}"\nwebrtc-port = $PORT1\ncodec = "vp8"\n`
      return await onStage({ tables, ports }, async ({ viewer, expect }) => {
        source.changeEverySecond()
        await pause(5500)
        const { missing, longestGapMs, timestampErrorMs } = viewer.seen()
        expect('no standstill', longestGapMs < 300)
        expect('no packet is missing', missing === 0)
        expect('timestamps stay near the clock', Math.abs(timestampErrorMs) < 300)
      })
    },
  },
]

const somePorts = async (): Promise<Pick<Program, 'webPort' | 'udpPort' | 'webrtcPorts'>> => {
  const [webPort, udpPort, ...webrtcPorts] = await freePorts(4)
  return { webPort: webPort!, udpPort: udpPort!, webrtcPorts }
}

async function hold(port: number): Promise<AsyncDisposable & { socket: Socket }> {
  const socket = createSocket('udp4')
  try {
    socket.bind(port, '127.0.0.1')
    await once(socket, 'listening')
  } catch (error) {
    socket.close()
    throw error
  }
  return {
    socket,
    async [Symbol.asyncDispose]() {
      const closed = once(socket, 'close')
      socket.close()
      await closed
    },
  }
}

/** The process that has it has just been killed. */
async function holdAsSoonAsPossible(port: number) {
  for (let tries = 0; ; tries++) {
    const held = await hold(port).catch(() => undefined)
    if (held !== undefined) return held
    if (tries > 500) throw new Error(`port ${port} could not be stolen`)
    await pause(1)
  }
}

/** Out of the command line of its capture process. */
async function portsOf(program: Program): Promise<{ rtpPort: number; feedbackPort: number }> {
  const line = (await commandLineOf(await program.capturePid(1))).join(' ')
  return {
    rtpPort: Number(/host=127\.0\.0\.1 port=(\d+)/.exec(line)![1]),
    feedbackPort: Number(/address=127\.0\.0\.1 port=(\d+)/.exec(line)![1]),
  }
}

/** Sends 500 packets a second beside the camera, also while the camera is started again. */
async function withStranger(ssrc: number): Promise<Outcome> {
  return await onStage({}, async ({ program, viewer, expect, playsAgain }) => {
    const { rtpPort } = await portsOf(program)
    const socket = createSocket('udp4')
    let sequence = 0
    const timer = setInterval(() => {
      for (let i = 0; i < 5; i++)
        socket.send(
          rtpPacket({ sequence: sequence++ * 7, ssrc, timestamp: sequence * 90 }),
          rtpPort,
          '127.0.0.1',
        )
    }, 10)
    try {
      await pause(1000)
      const { longestGapMs, missing } = viewer.seen()
      expect('nothing of it is seen while the camera delivers', longestGapMs < 300 && missing === 0)
      if (ssrc !== 99) return
      process.kill(await program.capturePid(1), 'SIGKILL')
      await playsAgain(1, 10_000)
      expect('the picture is back within 2 s', viewer.seen().longestGapMs < 2000)
    } finally {
      clearInterval(timer)
      socket.close()
    }
  })
}

async function expectKeyframeOnDemand(
  viewer: Stage['viewer'],
  program: Program,
  expect: Stage['expect'],
): Promise<void> {
  const keyframes = async () => (await program.health()).cameras['camera1']!.keyframes
  const before = await keyframes()
  viewer.client.sendPli()
  const came = await until(async () => (await keyframes()) > before, 3000).then(
    () => true,
    () => false,
  )
  expect('a keyframe comes on request', came)
}

/** A camera of 30 frames a second, each of three packets. */
function externalSource(port: number): AsyncDisposable & { changeEverySecond: () => void } {
  const socket = createSocket('udp4')
  let [frame, sequence, ssrc, offset, doesChange] = [0, 7, 1000, 0, false]
  const timer = setInterval(() => {
    if (doesChange && frame % 30 === 0) {
      ssrc++
      sequence = (sequence * 31 + ssrc * 997) & 0xffff
      offset = (offset * 5 + 1_234_567_890) >>> 0
    }
    const timestamp = (frame * 3000 + offset) >>> 0
    for (let part = 0; part < 3; part++) {
      const payload = part === 0 && frame % 30 === 0 ? vp8Key : vp8Delta
      socket.send(
        rtpPacket({ sequence: sequence++, timestamp, ssrc, marker: part === 2, payload }),
        port,
        '127.0.0.1',
      )
    }
    frame++
  }, 1000 / 30)
  return {
    changeEverySecond: () => {
      doesChange = true
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      const closed = once(socket, 'close')
      socket.close()
      await closed
    },
  }
}
