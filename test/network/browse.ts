import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Namespace } from './namespaces.js'

export type BrowserName = 'Chromium' | 'Firefox'

/** An end of the selected candidate pair (W3C webrtc-stats). */
export interface CandidateStats {
  candidateType?: string
  protocol?: string
  /** Between the browser and its TURN server. */
  relayProtocol?: string
  address?: string
  port?: number
}

/** What page/probe.js reads. */
export interface Reading {
  nowMs: number
  state?: string
  /** Displayed frames. */
  frames: Record<'http' | 'webrtc', number>
  firstMs: Partial<Record<'http' | 'webrtc', number>>
  /** Between two frames, or until now. */
  longestGapMs: number
  /** Without a frame until now. */
  silentMs: number
  isOverHttp: boolean
  /** Peer connections so far. */
  attempts: number
  /** Since the last one began. */
  attemptAgeMs: number
  pair?: { local: CandidateStats; remote: CandidateStats }
  /** What the tile says to the user. */
  sentence: string
}

export interface RemotePage extends AsyncDisposable {
  read(fromMs?: number): Promise<Reading>
  screenshot(path: string): Promise<void>
}

/** Opens a page in a browser on a host. @param through words before the command, as of {@link Namespace.through} */
export async function browseFrom(
  host: Namespace,
  browser: BrowserName,
  url: string,
  through: readonly string[] = [],
): Promise<RemotePage> {
  const script = fileURLToPath(new URL('browser.ts', import.meta.url))
  const child = host.spawn(...through, process.execPath, '--import', 'tsx', script, browser, url)
  const closed = once(child, 'close')
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
  const close = async (): Promise<void> => {
    child.stdin!.end()
    const late = setTimeout(() => child.kill('SIGKILL'), 15_000)
    await closed
    clearTimeout(late)
  }
  const nextLine = async (): Promise<string> => {
    const next = await lines.next()
    if (next.done === true) throw new Error(`${browser} ended`)
    return next.value
  }
  const ask = async (line: string): Promise<unknown> => {
    child.stdin!.write(`${line}\n`)
    const { value, error } = JSON.parse(await nextLine()) as { value?: unknown; error?: string }
    if (error !== undefined) throw new Error(error)
    return value
  }
  try {
    await nextLine()
  } catch (error) {
    await close()
    throw error
  }
  return {
    read: async (fromMs = 0) => (await ask(`window.probe.read(${fromMs})`)) as Reading,
    screenshot: async (path) => {
      await ask(`screenshot ${path}`)
    },
    [Symbol.asyncDispose]: close,
  }
}
