import { watch } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'

export interface WatchTiming {
  /** Editors write in several steps: a change is reported once the file has been unchanged for this long. */
  quietMs: number
  /** For file systems without change events, and for links to another folder. */
  pollIntervalMs: number
}

const TIMING: WatchTiming = { quietMs: 300, pollIntervalMs: 30_000 }

/**
 * Calls `onChange` when a file was written, replaced or created. A missing file is no change, because editors remove a file before
 * they write it.
 */
export function watchFile(path: string, onChange: () => void, timing: Partial<WatchTiming> = {}): Disposable {
  const { quietMs, pollIntervalMs } = { ...TIMING, ...timing }
  let quiet: NodeJS.Timeout | undefined
  let isClosed = false
  let reported: string | undefined
  let lastCheck: Promise<void> = identityOf(path).then((identity) => void (reported = identity))

  const check = (): void => {
    lastCheck = lastCheck.then(async () => {
      const now = await identityOf(path)
      if (isClosed || now === undefined || now === reported) return
      reported = now
      onChange()
    })
  }
  const checkSoon = (): void => {
    if (isClosed) return
    clearTimeout(quiet)
    quiet = setTimeout(check, quietMs)
  }
  const watcher = watchFolder(dirname(path), (name) => {
    if (name === null || name === basename(path)) checkSoon()
  })
  const polling = setInterval(check, pollIntervalMs)
  return {
    [Symbol.dispose]() {
      isClosed = true
      clearTimeout(quiet)
      clearInterval(polling)
      watcher?.[Symbol.dispose]()
    },
  }
}

/** Watches the folder, because a watch on a file ends when the file is replaced. Without it, polling remains. */
function watchFolder(folder: string, onEvent: (name: string | null) => void): Disposable | undefined {
  try {
    const watcher = watch(folder, (_event, name) => onEvent(name))
    watcher.on('error', () => watcher.close())
    return { [Symbol.dispose]: () => watcher.close() }
  } catch {
    return undefined
  }
}

async function identityOf(path: string): Promise<string | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined)
  return found && [found.ino, found.size, found.mtimeNs].join(' ')
}
