import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const builtMain = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

/** The built program, started as a user would start it, on free ports of the loopback address. */
export interface Program extends AsyncDisposable {
  readonly url: string
  readonly pid: number
  readonly webPort: number
  readonly webrtcPorts: number[]
  readonly udpPort: number
  /** If its tables have it. */
  readonly rtspPort: number
  readonly configPath: string
  /** What it has written so far, stdout and stderr together. */
  output(): string
  health(): Promise<Health>
  /** The pid of a camera's gst-launch-1.0, found by the port it sends to. */
  capturePid(camera: number): Promise<number>
  exit: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
}

export interface Health {
  status: string
  cameras: Record<
    string,
    {
      state: string
      cause?: string
      hint?: string
      message?: string
      viewers: number
      restarts: number
      restarts_by_cause: Record<string, number>
      packets: number
      keyframes: number
    }
  >
}

export interface ProgramOptions {
  /** TOML of the tables after `[server]`; `$PORT1` to `$PORT3`, `$UDP` and `$RTSP` stand for free ports. */
  tables: string
  args?: string[]
  env?: Record<string, string>
  /** The address it listens on, 127.0.0.1 unless told. */
  bindIp?: string
  /** Words that go before its command and become it: `unshare -m` and the like. */
  through?: string[]
  /** The ports of a program that has ended, to take its place. */
  ports?: Pick<Program, 'webPort' | 'udpPort' | 'webrtcPorts'> & { rtspPort?: number }
  /** The main.js of another build; this one's unless told. */
  main?: string
  /** Flags of Node.js, as `--max-old-space-size=256`. */
  nodeFlags?: string[]
  /** For a machine that is much slower than most. */
  startLimitMs?: number
}

export async function startProgram({
  tables,
  args = [],
  env = {},
  bindIp = '127.0.0.1',
  through = [],
  ports,
  main = builtMain,
  nodeFlags = [],
  startLimitMs = 40_000,
}: ProgramOptions): Promise<Program> {
  const folder = await mkdtemp(join(tmpdir(), 'rpi-webrtc-'))
  const configPath = join(folder, 'config.toml')
  const taken =
    ports === undefined
      ? await freePorts(6)
      : [ports.webPort, ports.udpPort, ports.rtspPort ?? 0, ...ports.webrtcPorts]
  const [webPort, udpPort, rtspPort, ...webrtcPorts] = taken
  const toml = `[server]\nweb-port = ${webPort}\nbind-ip = "${bindIp}"\n${tables}`
    .replaceAll('$PORT1', String(webrtcPorts[0]))
    .replaceAll('$PORT2', String(webrtcPorts[1]))
    .replaceAll('$PORT3', String(webrtcPorts[2]))
    .replaceAll('$UDP', String(udpPort))
    .replaceAll('$RTSP', String(rtspPort))
  await writeFile(configPath, toml)
  // The kernel kills it when the test process ends in any way (prctl(2), PR_SET_PDEATHSIG).
  const tied = ['--pdeathsig', 'KILL', '--', ...through, process.execPath, ...nodeFlags, main]
  const child = spawn('setpriv', [...tied, '--log-format', 'pretty', '--config', configPath, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  // 'close' comes when all that it wrote is here too.
  const exit = once(child, 'close').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
  }))
  const output = collect(child)
  const close = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    const late = setTimeout(() => child.kill('SIGKILL'), 20_000)
    await exit
    clearTimeout(late)
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await Promise.race([
      until(() => output().includes('watch at'), startLimitMs),
      exit.then(({ code }) => Promise.reject(new Error(`the program exited with ${code}:\n${output()}`))),
    ])
  } catch (error) {
    await close()
    throw error
  }
  const url = `http://127.0.0.1:${webPort}`
  return {
    url,
    pid: child.pid!,
    webPort: webPort!,
    udpPort: udpPort!,
    rtspPort: rtspPort!,
    webrtcPorts,
    configPath,
    output,
    exit,
    health: async () => (await (await fetch(`${url}/health`)).json()) as Health,
    capturePid: async (camera) => await childSendingTo(child.pid!, camera),
    [Symbol.asyncDispose]: close,
  }
}

/** Runs the built program to its end, at most 50 s. */
export async function runProgram(
  args: string[],
  env: Record<string, string> = {},
  nodeFlags: string[] = [],
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [...nodeFlags, builtMain, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const texts = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (texts.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (texts.stderr += chunk.toString()))
  const late = setTimeout(() => child.kill('SIGKILL'), 50_000)
  const [code] = (await once(child, 'close')) as [number | null]
  clearTimeout(late)
  return { code, ...texts }
}

function collect(child: ChildProcess): () => string {
  let text = ''
  for (const stream of [child.stdout!, child.stderr!])
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  return () => text
}

/** Asks every 20 ms. @throws Error when `question` is not true within `limitMs`. */
export async function until(question: () => boolean | Promise<boolean>, limitMs: number): Promise<void> {
  const endMs = performance.now() + limitMs
  while (!(await question())) {
    if (performance.now() > endMs) throw new Error(`not within ${limitMs} ms: ${question.toString()}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Ports that are free on the loopback address for TCP, which in a test is as good as free. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      return server
    }),
  )
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  for (const server of servers) await once(server.close(), 'close')
  return ports
}

/** The pids of a process's children, oldest first. */
export async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  return text.split(' ').filter(Boolean).map(Number)
}

export async function commandLineOf(pid: number): Promise<string[]> {
  return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0').slice(0, -1)
}

async function childSendingTo(parent: number, camera: number): Promise<number> {
  for (const pid of await childrenOf(parent)) {
    const line = await commandLineOf(pid)
    if (line.some((word) => word.includes(`Camera ${camera}`))) return pid
  }
  throw new Error(`camera ${camera} has no capture process`)
}
