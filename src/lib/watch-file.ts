import { watch } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'

export interface WatchTiming {
  /** An editor writes in several steps: a change is told when the file has been as it is for this long, in milliseconds. */
  quietMs: number
  /** For file systems that tell nothing of changes, and for what a link in another folder leads to. */
  pollIntervalMs: number
}

const TIMING: WatchTiming = { quietMs: 300, pollIntervalMs: 30_000 }

/**
 * Tells when a file is another than before: written, replaced by renaming, or there for the first time. While there is none
 * nothing is told, for editors remove a file and write it anew.
 */
export function watchFile(path: string, onChange: () => void, timing: Partial<WatchTiming> = {}): Disposable {
  const { quietMs, pollIntervalMs: lookAgainMs } = { ...TIMING, ...timing }
  let quiet: NodeJS.Timeout | undefined
  let isClosed = false
  let told: string | undefined
  let looked: Promise<void> = identityOf(path).then((identity) => void (told = identity))

  const check = (): void => {
    looked = looked.then(async () => {
      const now = await identityOf(path)
      if (isClosed || now === undefined || now === told) return
      told = now
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
  const again = setInterval(check, lookAgainMs)
  return {
    [Symbol.dispose]() {
      isClosed = true
      clearTimeout(quiet)
      clearInterval(again)
      watcher?.[Symbol.dispose]()
    },
  }
}

/** The folder, for a watched file that is replaced tells nothing more. Where it cannot be watched, looking again has to do. */
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
