import { onTestFinished } from 'vitest'
import { connectNamespaces, createNamespace } from './network-namespace.js'
import { startProgram, type Program, type ProgramOptions } from './program.js'
import type { RemoteAnswer } from './remote-client.js'

const CAMERA = '[camera1]\ndevice = "test:ball"\nwidth = 320\nheight = 240\nfps = 15\nwebrtc-port = $PORT1\n'

/** Device, addresses of the Pi, address of the laptop. */
export type Cable = readonly [device: string, ours: readonly string[], theirs: string]

/** The program on one machine and a client on another, each in a network namespace, joined by cables. */
export async function piAndLaptop(
  cables: readonly Cable[],
  options: Partial<ProgramOptions> & { webrtc?: string } = {},
) {
  const [pi, laptop] = [await createNamespace(), await createNamespace()]
  for (const namespace of [pi, laptop]) onTestFinished(async () => await namespace[Symbol.asyncDispose]())
  for (const [device, ours, theirs] of cables) {
    await connectNamespaces(pi, device, laptop, device)
    for (const address of ours) await pi.ip(`addr add ${address} dev ${device}${nodad(address)}`)
    await laptop.ip(`addr add ${theirs} dev ${device}${nodad(theirs)}`)
  }
  const { webrtc = '', through = [], ...rest } = options
  const program = await startProgram({
    bindIp: '::',
    tables: `${CAMERA}[webrtc]\nudp-port = $UDP\n${webrtc}`,
    through: [...pi.enter, ...through],
    ...rest,
  })
  onTestFinished(async () => await program[Symbol.asyncDispose]())
  const ask = async (host: string, ...words: string[]): Promise<RemoteAnswer> =>
    await laptop.run<RemoteAnswer>('remote-client.ts', host, String(program.webPort), ...words)
  return { pi, laptop, program, ask }
}

/** Duplicate address detection takes a second. */
const nodad = (address: string): string => (address.includes(':') ? ' nodad' : '')

/** Candidates at these addresses of the media port. */
export const at = ({ udpPort }: Program, ...addresses: string[]): string[] =>
  addresses.map((address) => `${address} ${udpPort}`)
