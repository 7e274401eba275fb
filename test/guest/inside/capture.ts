import { childrenOf, commandLineOf } from '../../support/program.js'

/** The words of the command line of the program's first gst-launch-1.0. */
export async function captureOf(program: number): Promise<string[]> {
  const lines = await Promise.all((await childrenOf(program)).map(commandLineOf))
  const line = lines.find((words) => words[0]?.includes('gst-launch-1.0'))
  if (line === undefined) throw new Error('the program runs no gst-launch-1.0')
  return line
}
