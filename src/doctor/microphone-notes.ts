import type { Microphone } from '../camera/devices/microphones.js'
import { shownHolder, type Processes } from './processes.js'
import { stopAdvice } from './stop-advice.js'
import type { System } from './system.js'

/** Sentences about microphones that this user may not open, or that another program has now. */
export async function microphoneNotes(
  microphones: readonly Microphone[],
  { holdersOf }: Pick<Processes, 'holdersOf'>,
  system: System,
): Promise<string[]> {
  const notes: string[] = []
  for (const { node, device } of microphones) {
    if ((await system.access(node)) === 'closed')
      notes.push(
        `This user may not open ${node} (${device}). sudo usermod -aG audio "$USER", then log out and in again.`,
      )
    const holder = (await holdersOf([node]))[0]
    if (holder === undefined) continue
    const stop = holder.isOurs
      ? ''
      : ` To use it here, stop that program: ${await stopAdvice(holder.pid, system)}.`
    notes.push(
      `${device} is in use by ${holder.isOurs ? 'the running rpi-webrtc' : shownHolder(holder)}.${stop}`,
    )
  }
  return notes
}
