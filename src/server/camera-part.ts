import type { CameraFailure } from '../camera/camera-failure.js'
import type { Demand } from '../camera/capture/demand.js'
import type { Fallback } from '../camera/capture/fallback.js'
import type { Camera } from '../camera/capture/status.js'
import type { CameraControls } from '../camera/controls/camera-controls.js'
import type { Machine } from '../camera/gstreamer/machine.js'
import type { CameraSnapshots } from '../camera/snapshots/snapshots.js'
import type { CameraConfig, Controls } from '../config/types.js'
import type { RtpStream } from '../rtp/stream.js'
import type { CameraAudio } from './camera-audio.js'
import type { CameraLow } from './camera-low.js'

export interface CameraSettings {
  config: CameraConfig
  machine: Machine
  /** How many cameras this machine encodes at once. */
  sharedBy: number
}

/** One camera: its capture process, its packets and its snapshots. */
export interface CameraPart extends AsyncDisposable {
  readonly config: CameraConfig
  /** libcamera's name of the camera, if the configuration has another one. */
  readonly deviceInUse: string | undefined
  readonly keyframesOnDemand: boolean
  /** The settings in use, and those that were given up. */
  readonly picture: Pick<Fallback, 'rung' | 'view' | 'losses'>
  readonly stream: RtpStream
  readonly audio: CameraAudio
  readonly low: Pick<CameraLow, 'source'>
  readonly camera: Camera
  readonly snapshots: CameraSnapshots
  readonly demand: Demand
  readonly controls: CameraControls
  /** Sentences: what the camera does not have as configured. */
  readonly warnings: readonly CameraFailure[]
  /** Aborted with a `CameraEndReason` when the camera is removed or replaced. */
  readonly ended: AbortSignal
  /** Applies other settings of the same stream; viewers stay. @param restart whether they need another capture process. */
  apply(settings: CameraSettings, restart: boolean): void
  /** Notes that the configuration file has the controls in force. */
  controlsSaved(saved: Controls): void
  /** Ends the camera's clients; the reason is sent to them. */
  end(reason: CameraEndReason): void
}

export type CameraEndReason = 'camera-removed' | 'camera-changed'
