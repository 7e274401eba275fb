import type { Child } from './spawn.js'

/**
 * Ends a process: ask, wait, insist. SIGINT lets gst-launch-1.0 release the camera (5 to 8 ms measured); SIGTERM would
 * end it without that.
 * @param limits in milliseconds: `graceMs` from SIGINT to SIGKILL, `killMs` from SIGKILL until we stop waiting.
 * @returns `stuck` when even SIGKILL did nothing: the process hangs in a driver (state D), and only a reboot ends it.
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
