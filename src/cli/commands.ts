import { chooseEncoder } from '../camera/gstreamer/encoder.js'
import {
  discoverCameras,
  formatCameras,
  listLibcamera,
  notesOf,
  type CameraList,
} from '../camera/devices/discover.js'
import { formatMicrophones, microphoneJson } from '../camera/devices/microphone-text.js'
import { listMicrophones } from '../camera/devices/microphones.js'
import { controlObstacle } from '../camera/gstreamer/libcamera-controls.js'
import { tuningEnvironment } from '../camera/gstreamer/environment.js'
import { ModuleNames } from '../camera/devices/module-names.js'
import type { CameraFailure } from '../camera/camera-failure.js'
import type { Machine } from '../camera/gstreamer/machine.js'
import { lowOutputOf } from '../camera/gstreamer/low-branch.js'
import { buildPipeline } from '../camera/gstreamer/pipeline.js'
import { preferredIngestPorts, preferredLowPorts } from '../camera/gstreamer/ports.js'
import { parseModel, probeMachine } from '../camera/gstreamer/probe.js'
import { rungsOf } from '../camera/gstreamer/rung.js'
import { cameraJson } from '../camera/devices/sensor-text.js'
import { sensorsFor } from '../camera/devices/sensor-list.js'
import { namesWithModes } from '../camera/gstreamer/field-of-view.js'
import { quoteCommand } from '../camera/gstreamer/syntax.js'
import type { CameraConfig, Config } from '../config/types.js'
import { explainNone } from '../doctor/camera-cable.js'
import { heldNotes } from '../doctor/camera-holders.js'
import { microphoneNotes } from '../doctor/microphone-notes.js'
import type { Chapter } from '../doctor/check.js'
import type { ConfigurationSource } from '../doctor/configuration.js'
import { diagnose } from '../doctor/diagnose.js'
import { diagnoseFromOutside } from '../doctor/from-outside.js'
import { readProcesses } from '../doctor/processes.js'
import { formatReport, hasProblem, jsonReport } from '../doctor/report.js'
import { realSystem } from '../doctor/system.js'
import { MissingError } from '../errors.js'
import { messageOf } from '../lib/error-message.js'
import { parsePassword } from '../lib/password-format.js'
import { hashPassword as hash } from '../lib/password.js'
import type { CommandIO } from './command-io.js'

/** `rpi-webrtc doctor`: exit code 1 if a problem prevents a camera from playing. */
export async function doctor(
  config: Config,
  from: ConfigurationSource,
  shell: CommandIO,
  { json, fromOutside }: { json: boolean; fromOutside: boolean },
): Promise<number> {
  const system = realSystem(shell.env)
  const print = (chapters: readonly Chapter[]): number => {
    shell.print((json ? jsonReport(chapters) : formatReport(chapters)).trimEnd())
    return hasProblem(chapters) ? 1 : 0
  }
  if (fromOutside) return print(await diagnoseFromOutside(config, system))
  return print(await diagnoseMachine(config, from, shell))
}

export async function diagnoseMachine(
  config: Config,
  from: ConfigurationSource,
  shell: CommandIO,
): Promise<Chapter[]> {
  const [machine, cameras, microphones] = await Promise.all([
    probeMachine(shell.env).catch((error: unknown) => {
      if (error instanceof MissingError) return error
      throw error
    }),
    discoverCameras(shell.env),
    listMicrophones(),
  ])
  const { nodeVersion, env } = shell
  return await diagnose({ config, from, machine, cameras, microphones, nodeVersion, system: realSystem(env) })
}

/** `rpi-webrtc cameras`: cameras and microphones. */
export async function cameras(shell: CommandIO, { json }: { json: boolean }): Promise<number> {
  const found = await findCameras(shell)
  const microphones = await listMicrophones()
  const system = realSystem(shell.env)
  const soundNotes = await microphoneNotes(microphones, await readProcesses(system), system)
  const document = {
    cameras: found.cameras.map(cameraJson),
    microphones: microphones.map(microphoneJson),
    notes: [...notesOf(found), ...soundNotes],
    refused: found.refused ?? [],
  }
  const text = [formatCameras(found), formatMicrophones(microphones, soundNotes)]
  shell.print(json ? JSON.stringify(document, undefined, 2) : text.map((part) => part.trimEnd()).join('\n\n'))
  return 0
}

/** The cameras of this machine, and in the notes which of them are in use. If there are none, the notes explain why. */
export async function findCameras(shell: CommandIO): Promise<CameraList> {
  const found = await discoverCameras(shell.env)
  const system = realSystem(shell.env)
  const held = await heldNotes(found, await readProcesses(system), system)
  const list = { ...found, v4l2Notes: [...(found.v4l2Notes ?? []), ...held] }
  if (found.cameras.length > 0 || notesOf(list).length > 0) return list
  const model = parseModel((await system.readText('/proc/device-tree/model')) ?? '')
  return { ...list, notes: await explainNone(system, model) }
}

/** The camera with libcamera's name in place of a short one. */
async function namedCamera(camera: CameraConfig, shell: CommandIO): Promise<CameraConfig | CameraFailure> {
  const { device } = camera
  if (device.kind !== 'libcamera') return camera
  const names = new ModuleNames({ list: async () => await listLibcamera(shell.env) })
  const found = await names.find(device.name)
  return 'cause' in found ? found : { ...camera, device: { kind: 'libcamera', name: found.device } }
}

/**
 * `rpi-webrtc pipeline CAMERA`: the line that the program runs for this camera, ready to paste. It lacks the snapshot
 * branch, which writes to a socket of the server.
 */
export async function pipeline(camera: CameraConfig, config: Config, shell: CommandIO): Promise<number> {
  if (camera.device.kind === 'rtp') {
    shell.printError(
      `${camera.key} has no pipeline: another program sends its RTP to 127.0.0.1:${camera.device.port}`,
    )
    return 1
  }
  if (camera.device.kind === 'whip') {
    shell.printError(`${camera.key} has no pipeline: another machine publishes it to /${camera.key}/whip`)
    return 1
  }
  const found = await namedCamera(camera, shell)
  const line = 'cause' in found ? found : await lineOf(found, config.cameras.length, shell)
  if (typeof line === 'string') {
    shell.print(line)
    return 0
  }
  shell.printError(`${line.message}\n  -> ${line.hint}`)
  return 1
}

async function lineOf(
  camera: CameraConfig,
  sharedBy: number,
  { env }: CommandIO,
): Promise<ReturnType<typeof pipelineLine>> {
  const [probed, sensors] = await Promise.all([
    probeMachine(env),
    sensorsFor(new Map(), namesWithModes([camera]), env),
  ])
  return pipelineLine(camera, { ...probed, sensors }, sharedBy)
}

/**
 * The line that captures a camera, for a shell: without setpriv, so that the user ends it, and without the snapshot
 * branch. gst-launch-1.0 itself reports elements that the source needs and this machine lacks.
 */
export function pipelineLine(
  camera: CameraConfig,
  machine: Machine,
  sharedBy: number,
): string | { message: string; hint: string } {
  const obstacle = controlObstacle(camera, machine)
  if (obstacle !== undefined) return obstacle
  const encoder = chooseEncoder(camera, machine)
  if ('cause' in encoder) return encoder
  const rungs = rungsOf(camera, machine)
  if ('cause' in rungs) return rungs
  const ports = preferredIngestPorts(camera.webrtcPort)
  const args = buildPipeline(camera, encoder, machine, {
    ports,
    sharedBy,
    snapshots: false,
    view: rungs.views[0],
    dmabufImport: rungs.first.dmabufImport,
    low: lowOutputOf(camera, machine, rungs.first.low, preferredLowPorts(camera.webrtcPort)),
  })
  const variables = Object.entries(tuningEnvironment(camera)).map(([name, value]) => `${name}=${value ?? ''}`)
  return variables.length === 0
    ? quoteCommand('gst-launch-1.0', args)
    : quoteCommand('env', [...variables, 'gst-launch-1.0', ...args])
}

/**
 * `rpi-webrtc hash-password`: prints the line to paste. A typed password is asked for twice, because it is not echoed.
 * @param ask returns the typed or piped answer to a question; undefined if the user cancelled.
 */
export async function hashPassword(
  ask: (question: string) => Promise<string | undefined>,
  isTyped: boolean,
  shell: CommandIO,
): Promise<number> {
  const password = (await ask('Password: ')) || undefined
  if (password === undefined || (isTyped && (await ask('Repeat it: ')) !== password)) {
    shell.printError(password === undefined ? 'no password was entered' : 'the two passwords differ')
    return 1
  }
  try {
    if (parsePassword(password).kind !== 'plain')
      throw new Error('is a hash already: enter the password itself')
  } catch (error) {
    shell.printError(`the password ${messageOf(error)}`)
    return 1
  }
  shell.print(`password = "${await hash(password)}"`)
  return 0
}
