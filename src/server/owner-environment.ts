import type { ControlValue, Config } from '../config/types.js'
import type { TomlTable } from '../config/toml.js'
import type { DoctorAnswer } from '../http/routes/owner-answer.js'
import type { LogTail } from './log-tail.js'

/** A camera of this machine, with settings that suit both. */
export interface CameraOffer {
  device: string
  /** `/dev/videoN` of a V4L2 camera. */
  node: string | undefined
  name: string
  kind: 'libcamera' | 'v4l2'
  /** What it delivers, as text. */
  modes: string
  /** The rows of its table. @param video the [video] table of the file: its keys take precedence. */
  settings(video: TomlTable): Record<string, ControlValue>
}

/** What commands know of this machine, for the owner's page. Loaded when it is first used. */
export interface OwnerTools {
  findCameras(): Promise<{ cameras: CameraOffer[]; notes: string[] }>
  diagnose(config: Config): Promise<Omit<DoctorAnswer, 'seconds_ago'>>
}

/** What the program around the server lends to the owner's page. */
export interface OwnerEnvironment {
  tools: OwnerTools
  logTail: LogTail
  /** Tables of the cameras that are served although the file names none. */
  foundTables: () => string | undefined
  /** Loads and applies the file, for a caller in `fileWork`. */
  reload: () => Promise<void>
  /** Why nothing would start the program again; undefined if something would. */
  whyNotRestarted: () => Promise<string | undefined>
  restart: () => void
}
