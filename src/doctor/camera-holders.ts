import type { CameraList } from '../camera/devices/discover.js'
import { ok, problem, warning, type Check } from './check.js'
import { shownHolder, type Holder, type Processes } from './processes.js'
import { stopAdvice } from './stop-advice.js'
import type { System } from './system.js'

/** They open cameras to list them, and do not capture. */
const BYSTANDERS = /^(?:pipewire|wireplumber|pipewire-media-session|xdg-desktop-portal)/

/** The program that most likely captures, if there is one. */
export const captor = (holders: readonly Holder[]): Holder | undefined =>
  holders.find(({ isOurs }) => isOurs) ?? holders.find(({ name }) => !BYSTANDERS.test(name))

/** A camera that is in use can be opened, but not started. */
export async function checkHolders(
  title: string,
  holders: readonly Holder[],
  system: System,
): Promise<Check[]> {
  const holder = captor(holders)
  if (holder?.isOurs === true) return [ok('camera-busy', title, 'in use by the running rpi-webrtc')]
  if (holder !== undefined) {
    const detail = `in use by ${shownHolder(holder)}`
    return [problem('camera-busy', title, detail, `Stop it: ${await stopAdvice(holder.pid, system)}`)]
  }
  const bystander = holders[0]
  if (bystander === undefined) return []
  return [
    warning(
      'camera-busy',
      title,
      `opened by ${shownHolder(bystander)}, which seldom captures`,
      `If the camera does not start: ${await stopAdvice(bystander.pid, system)}`,
    ),
  ]
}

/** Sentences about cameras that another program has now: they are listed, or missing from the list, and would not start. */
export async function heldNotes(
  { cameras }: CameraList,
  { holdersOf }: Pick<Processes, 'holdersOf'>,
  system: System,
): Promise<string[]> {
  const notes: string[] = []
  const note = async (subject: string, holders: readonly Holder[]): Promise<void> => {
    const holder = captor(holders)
    if (holder === undefined) return
    const stop = holder.isOurs
      ? ''
      : ` To use it here, stop that program: ${await stopAdvice(holder.pid, system)}.`
    notes.push(
      `${subject} in use by ${holder.isOurs ? 'the running rpi-webrtc' : shownHolder(holder)}.${stop}`,
    )
  }
  for (const { node, name } of cameras)
    if (node !== undefined) await note(`${node} (${name}) is`, await holdersOf([node]))
  const media = (await system.list('/dev'))
    .filter((entry) => /^media\d+$/.test(entry))
    .map((entry) => `/dev/${entry}`)
  // Every USB camera has a media device too, and its programs seldom open it.
  await note('A camera module is', await holdersOf(media))
  return notes
}
