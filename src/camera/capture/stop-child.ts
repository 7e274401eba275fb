import type { Child } from './spawn.js'

/**
 * Stops a process: SIGINT, `graceMs`, SIGKILL, `killMs`. SIGINT lets gst-launch-1.0 release the camera (5 to 8 ms
 * measured); SIGTERM would not.
 * @returns `stuck` if SIGKILL has no effect: the process hangs in a driver (state D) until the next reboot.
 */
export async function stopChild(
  child: Pick<Child, 'ended' | 'kill'>,
  limits: { graceMs: number; killMs: number },
): Promise<'gone' | 'stuck'> {
  child.kill('SIGINT')
  if (await endsWithin(child.ended, limits.graceMs)) return 'gone'
  child.kill('SIGKILL')
  return (await endsWithin(child.ended, limits.killMs)) ? 'gone' : 'stuck'
}

async function endsWithin(ended: Promise<unknown>, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<false>((resolve) => (timer = setTimeout(resolve, limitMs, false)))
  try {
    return await Promise.race([ended.then(() => true), limit])
  } finally {
    clearTimeout(timer)
  }
}
