import { writeFile } from 'node:fs/promises'
import { output, run } from './commands.js'

/** What the virtual encoder was asked for since `forget`, oldest first: `Bitrate = 500000`. The driver logs it. */
export const requests = async (): Promise<string[]> =>
  (await output('dmesg', [])).split('\n').flatMap((line) => /fakeh264: (.*)$/.exec(line)?.[1] ?? [])

export async function forget(): Promise<void> {
  await run('dmesg', ['-C'])
}

/** Makes the driver refuse to start, or start and encode nothing, until it is disposed. */
export async function breakEncoder(how: 'refuse' | 'stall'): Promise<AsyncDisposable> {
  const parameter = `/sys/module/fakeh264/parameters/${how}`
  await writeFile(parameter, '1')
  return { [Symbol.asyncDispose]: async () => await writeFile(parameter, '0') }
}
