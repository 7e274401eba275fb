import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocket } from 'ws'

/** A page in a browser that evaluates an expression and gives its value, once it is settled. */
export interface Page extends AsyncDisposable {
  evaluate(expression: string): Promise<unknown>
}

const START_LIMIT_MS = 30_000
/**
 * The server is on the loopback address, which Firefox leaves out, and its own candidates are names that need a multicast
 * responder, unless it is told otherwise. The rest keeps it from calling home.
 */
const PREFERENCES = `
user_pref('media.peerconnection.ice.loopback', true);
user_pref('media.peerconnection.ice.default_address_only', false);
user_pref('media.peerconnection.ice.obfuscate_host_addresses', false);
user_pref('network.manage-offline-status', false);
user_pref('media.autoplay.default', 0);
user_pref('media.gmp-manager.updateEnabled', false);
user_pref('app.normandy.enabled', false);
user_pref('datareporting.policy.dataSubmissionEnabled', false);
user_pref('network.captive-portal-service.enabled', false);
user_pref('network.connectivity-service.enabled', false);
user_pref('browser.safebrowsing.update.enabled', false);
user_pref('services.settings.server', 'data:,');
`

/**
 * Debian's Firefox on an empty profile, driven by WebDriver BiDi, which it speaks by itself.
 * @param options `preload`: a script that runs in the page before its own
 */
export async function openFirefox(url: string, { preload = '' } = {}): Promise<Page> {
  const profile = await mkdtemp(join(tmpdir(), 'rpi-webrtc-firefox-'))
  await writeFile(join(profile, 'user.js'), PREFERENCES)
  const args = ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0']
  const child = spawn('firefox-esr', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const exited = once(child, 'exit')
  const close = async (): Promise<void> => {
    child.kill('SIGKILL')
    await exited
    await rm(profile, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    const address = await new Promise<string>((resolve, reject) => {
      let said = ''
      const late = setTimeout(() => reject(new Error(`Firefox does not start:\n${said}`)), START_LIMIT_MS)
      child.once('error', reject)
      child.stderr.on('data', (chunk: Buffer) => {
        said += chunk.toString()
        const found = /WebDriver BiDi listening on (ws:\S+)/.exec(said)
        if (found === null) return
        clearTimeout(late)
        resolve(found[1]!)
      })
    })
    const command = await connect(`${address}/session`)
    await command('session.new', { capabilities: {} })
    const tree = (await command('browsingContext.getTree', {})) as { contexts: { context: string }[] }
    const { context } = tree.contexts[0]!
    if (preload !== '')
      await command('script.addPreloadScript', { functionDeclaration: `() => {${preload}}` })
    await command('browsingContext.navigate', { context, url, wait: 'complete' })
    return {
      evaluate: async (expression) => {
        const answer = (await command('script.evaluate', {
          expression: `(async () => JSON.stringify(await (${expression})))()`,
          target: { context },
          awaitPromise: true,
        })) as { result?: { value: string }; exceptionDetails?: { text: string } }
        if (answer.result === undefined) throw new Error(`in the page: ${answer.exceptionDetails?.text}`)
        return JSON.parse(answer.result.value) as unknown
      },
      [Symbol.asyncDispose]: close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

type Command = (method: string, params: object) => Promise<unknown>

async function connect(address: string): Promise<Command> {
  const socket = new WebSocket(address)
  await once(socket, 'open')
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  socket.on('message', (data: Buffer) => {
    const { id, result, error, message } = JSON.parse(data.toString()) as {
      id?: number
      result?: unknown
      error?: string
      message?: string
    }
    const asked = waiting.get(id ?? -1)
    if (asked === undefined) return
    waiting.delete(id!)
    if (error === undefined) asked.resolve(result)
    else asked.reject(new Error(`${error}: ${message}`))
  })
  socket.on('error', () => {})
  let lastId = 0
  return async (method, params) =>
    await new Promise((resolve, reject) => {
      waiting.set(++lastId, { resolve, reject })
      socket.send(JSON.stringify({ id: lastId, method, params }))
    })
}
