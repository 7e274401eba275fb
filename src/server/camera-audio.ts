import { isDeepStrictEqual } from 'node:util'
import type { CameraFailure } from '../camera/camera-failure.js'
import { createDemand } from '../camera/capture/demand.js'
import { explainAudioFailure } from '../camera/capture/explain-audio.js'
import { createStartQueue } from '../camera/capture/start-queue.js'
import type { Camera, CameraStatus, StatusWords } from '../camera/capture/status.js'
import { superviseCamera } from '../camera/capture/supervisor.js'
import {
  AUDIO_PAYLOAD_TYPE,
  audioCommand,
  audioSsrc,
  preferredAudioPort,
} from '../camera/gstreamer/audio-pipeline.js'
import type { Command } from '../camera/gstreamer/command.js'
import type { Machine } from '../camera/gstreamer/machine.js'
import type { CameraConfig } from '../config/types.js'
import { messageOf } from '../lib/error-message.js'
import { WorkQueue } from '../lib/work-queue.js'
import type { Log } from '../log.js'
import { openAudioStream, type AudioStream } from '../rtp/audio-stream.js'
import type { UdpBatches } from '../udp/udp-batches.js'
import type { ServerEnvironment } from './environment.js'
import type { Microphones } from './microphones.js'

/** What the sound depends on. */
export interface AudioSettings {
  config: CameraConfig
  machine: Machine
}

/** Opus frames have 20 ms. */
const PACKETS_PER_SECOND = 50

/** The sound of a camera: a process of its own, whose failures the picture does not notice. */
export interface CameraAudio extends AsyncDisposable {
  /** Undefined for a camera without sound. Stays the same while the microphone is away, or is replaced by another. */
  readonly stream: AudioStream | undefined
  /** Undefined for a camera without sound. */
  status(): CameraStatus | undefined
  /** Why there is no sound now, although it is configured. */
  readonly failure: CameraFailure | undefined
  /** The process that records, while it runs. */
  readonly pid: number | undefined
  /** Until it is disposed, a camera that captures on demand records too. */
  watch(): Disposable
  /** Follows the configuration. */
  apply(settings: AudioSettings): void
}

export interface CameraAudioOptions {
  microphones: Microphones
  batches: UdpBatches
  environment: Pick<ServerEnvironment, 'env' | 'debug'>
  log: Log
}

const WORDS: StatusWords = {
  idle: 'no viewers: the microphone is off until they come back',
  woken: 'a viewer came: starting the microphone',
  live: 'the microphone delivers sound',
  requested: {
    cause: 'requested',
    message: 'Restarting the sound, as configured.',
    hint: 'It is back in a moment.',
  },
}

/** Starts to record, if the camera has sound. Never throws: without sound there is still a picture. */
export async function startCameraAudio(
  first: AudioSettings,
  { microphones, batches, environment: { env, debug }, log }: CameraAudioOptions,
): Promise<CameraAudio> {
  let settings = first
  const { key } = first.config
  const demand = createDemand(closeAfterMs(first))
  const queue = new WorkQueue()
  /** Kept once it is open: viewers go on hearing it when the sound comes back. */
  let stream: AudioStream | undefined
  let recorder: Camera | undefined
  let problem: CameraFailure | undefined

  const command = async (port: number): Promise<Command | CameraFailure> => {
    const { config, machine } = settings
    const source = await microphones.choose(config)
    if ('cause' in source) return source
    if (config.audio === undefined) return GONE
    return audioCommand({
      camera: config,
      audio: config.audio,
      source: source.device,
      port,
      machine,
      env,
      debug,
    })
  }

  const open = async (): Promise<AudioStream> =>
    await openAudioStream({
      expected: { ssrc: audioSsrc({ key }), payloadType: AUDIO_PAYLOAD_TYPE },
      preferredPort: preferredAudioPort(settings.config.webrtcPort),
      waiting: batches,
      onError: (error) => log.warn('the socket for sound reports an error', { error: error.message }),
    })

  const stop = async (): Promise<void> => {
    const ending = recorder
    recorder = undefined
    await ending?.[Symbol.asyncDispose]()
    microphones.release(key)
  }

  /** Starts or stops, as the configuration has it now. */
  const follow = async (): Promise<void> => {
    problem = undefined
    if (settings.config.audio === undefined) return await stop()
    const packets = (stream ??= await open())
    recorder ??= superviseCamera({
      command: async () => await command(packets.port),
      packets,
      startQueue: createStartQueue(),
      demand,
      log,
      debug,
      onStart: () => packets.expectNewSender(),
      fps: PACKETS_PER_SECOND,
      explain: explainAudioFailure,
      words: WORDS,
    })
  }
  const followSafely = async (): Promise<void> => {
    try {
      await follow()
    } catch (error) {
      problem = { cause: 'audio-failed', message: `There is no sound: ${messageOf(error)}.`, hint: SEE_LOG }
      log.error(problem.message)
    }
  }

  await followSafely()
  return {
    get stream() {
      return settings.config.audio === undefined ? undefined : stream
    },
    status: () => recorder?.status(),
    get failure() {
      const { state, cause, message = '', hint = '' }: Partial<CameraStatus> = recorder?.status() ?? {}
      const isLost = state === 'lost' && cause !== undefined && cause !== WORDS.requested.cause
      return isLost ? { cause, message, hint } : problem
    },
    get pid() {
      return recorder?.pid
    },
    watch() {
      const both = [demand.watch(), ...(stream === undefined ? [] : [stream.watch()])]
      return {
        [Symbol.dispose]: () => {
          for (const each of both) each[Symbol.dispose]()
        },
      }
    },
    apply(next) {
      const before = settings.config.audio
      settings = next
      demand.keepFor(closeAfterMs(next))
      const { audio } = next.config
      if (isDeepStrictEqual(before, audio)) return
      if (before !== undefined && audio !== undefined) recorder?.restart()
      void queue.run(followSafely)
    },
    async [Symbol.asyncDispose]() {
      await queue.settled()
      await stop()
      await stream?.[Symbol.asyncDispose]()
    },
  }
}

const closeAfterMs = ({ config: { onDemand, onDemandCloseAfterMs } }: AudioSettings): number =>
  onDemand ? onDemandCloseAfterMs : Infinity

const SEE_LOG = 'The log says more.'
/** The configuration changed while the microphone was looked for; the process is about to be stopped. */
const GONE: CameraFailure = { cause: 'audio-off', message: 'The sound was switched off.', hint: SEE_LOG }
