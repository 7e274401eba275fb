import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { captureCommand } from '../../src/camera/gstreamer/command.js'
import { type Env } from '../../src/lib/env.js'
import type { EncoderElement } from '../../src/config/encoders.js'
import type { Machine } from '../../src/camera/gstreamer/machine.js'
import { probeMachine } from '../../src/camera/gstreamer/probe.js'
import type { CameraConfig } from '../../src/config/types.js'
import { exampleCamera, withStandIns } from './examples.js'
import { openPacketWatch } from './packet-watch.js'

/** The camera module that the stand-in for libcamerasrc has. */
export const MODULE: CameraConfig['device'] = {
  kind: 'libcamera',
  name: '/base/soc/i2c0mux/i2c@1/imx219@10',
}

/** A camera whose keyframes are further apart than a test is long. */
export const rarelyKeyed = (encoder: EncoderElement, about: Partial<CameraConfig> = {}): CameraConfig =>
  exampleCamera({ encoder, codec: encoder === 'vp8enc' ? 'vp8' : 'h264', keyframeInterval: 3000, ...about })

/** This machine, with stand-ins for what only a Raspberry Pi has; undefined where GStreamer is not installed. */
export async function standInMachine() {
  const folder = mkdtempSync(join(tmpdir(), 'standin-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const env: Env = withStandIns(process.env, join(folder, 'registry.bin'))
  const machine: Machine | undefined = await probeMachine(env).catch(() => undefined)
  const has = (...elements: string[]): boolean =>
    elements.every((element) => machine?.elements.has(element) === true)
  return { machine, env, has }
}

/** Sockets that listen where the packets of a capture process arrive. */
export async function openCaptureSockets() {
  const [rtp, rtcp, feedbackPort] = [await openPacketWatch(), await openPacketWatch(), await freePort()]
  return { rtp, rtcp, ports: { rtpPort: rtp.port, rtcpPort: rtcp.port, feedbackPort } }
}

/** The command for a camera, and sockets that listen where its packets will arrive. */
export async function prepareCapture(camera: CameraConfig, machine: Machine, env: Env) {
  const { rtp, rtcp, ports } = await openCaptureSockets()
  const { feedbackPort } = ports
  const command = captureCommand({ camera, ports, machine, env, debug: false })
  if ('cause' in command) throw new Error(command.message)
  return { rtp, rtcp, feedbackPort, command }
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  await once(socket, 'close')
  return port
}
