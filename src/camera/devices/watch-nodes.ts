import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

const INTERVAL_MS = 5000
const CAMERA_NODE = /^(?:video|media)\d+$/

/**
 * Calls `onChange` once the nodes of cameras in `folder` have changed and stay as they are: udev gives a new node to its group after it
 * appears. Resolves when it has seen the present ones. Polls, because a change of the group is no event of the folder.
 */
export async function watchNodes(
  folder: string,
  onChange: () => void,
  intervalMs = INTERVAL_MS,
): Promise<Disposable> {
  let reported = await describeNodes(folder)
  let last = reported
  let isClosed = false
  let lastCheck = Promise.resolve()
  const check = async (): Promise<void> => {
    const now = await describeNodes(folder)
    if (isClosed) return
    const isSettled = now === last
    last = now
    if (!isSettled || now === reported) return
    reported = now
    onChange()
  }
  const checkNext = (): void => void (lastCheck = lastCheck.then(check))
  const polling = setInterval(checkNext, intervalMs)
  return {
    [Symbol.dispose]() {
      isClosed = true
      clearInterval(polling)
    },
  }
}

async function describeNodes(folder: string): Promise<string> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => CAMERA_NODE.test(name)).sort()
  const nodes = names.map(async (name) => {
    const found = await stat(join(folder, name)).catch(() => undefined)
    return [name, found?.ino, found?.gid, found?.mode].join(' ')
  })
  return (await Promise.all(nodes)).join('\n')
}
