import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePorts, until } from '../support/program.js'
import type { Root } from './root.js'
import { watchPage } from './watch-page.js'

export interface Trial {
  root: Root
  /** For what is written beside the root. */
  folder: string
  checkout: string
  /** A file for the page as Chromium shows it. */
  screenshot: string
  limitS: number
  /** That Chromium has to decode. */
  frames: number
}

/** A user of the emulated root, which has no names. The Containerfile has the same number. */
const NUMBER = 942
const CONFIG = 'etc/rpi-webrtc/config.toml'
const [OLDER, NEWER] = ['0.0.1', '9.8.7']

/** Installs an older package, changes the configuration, upgrades, watches, removes and purges. @throws Error of the first that fails. */
export async function tryPackage(trial: Trial, withRecommends: boolean): Promise<void> {
  const { root } = trial
  const [older, newer] = [buildPackage(OLDER, trial), buildPackage(NEWER, trial)]
  timed('apt update', () => root.run('apt-get', 'update'))
  const install = ['apt-get', 'install', '-y', ...(withRecommends ? [] : ['--no-install-recommends'])]
  const count = (): number => root.run('dpkg-query', '-f', '.', '-W').length
  const before = count()
  const said = timed('apt install, an older version', () => root.run(...install, older))
  const address = said.split('\n').find((line) => line.startsWith('rpi-webrtc: watch'))
  if (address === undefined) throw new Error(`the installation names no address:\n${said}`)
  note(`${count() - before} packages; ${address}`)
  noteVersions(root)

  const { text, url } = await configuration()
  const file = join(root.path, CONFIG)
  writeFileSync(file, text)
  timed('upgrade', () => root.run(...install, newer))
  if (readFileSync(file, 'utf8') !== text) throw new Error('the upgrade changed the configuration')
  note(`the configuration is kept: ${root.run('stat', '-c', '%U:%G %a', `/${CONFIG}`).trim()}`)
  await play(trial, url, 'rpi-webrtc')

  timed('remove', () => root.run('apt-get', 'remove', '-y', 'rpi-webrtc'))
  if (readFileSync(file, 'utf8') !== text) throw new Error('remove changed the configuration')
  timed('purge', () => root.run('apt-get', 'purge', '-y', 'rpi-webrtc'))
  const places = ['etc', 'usr/lib', 'usr/bin', 'var/cache', 'var/lib'].map((place) => `${place}/rpi-webrtc`)
  const left = places.filter((place) => existsSync(join(root.path, place)))
  if (left.length > 0) throw new Error(`purge left ${left.join(', ')}`)
  note('nothing of the program is left')
}

/** Unpacks the package, and watches. @throws Error of the first that fails. */
export async function tryProgram(trial: Trial): Promise<void> {
  const { root } = trial
  const archive = join(root.path, buildPackage(NEWER, trial))
  timed('unpack', () => execFileSync('dpkg-deb', ['--extract', archive, root.path]))
  noteVersions(root)
  const { text, url } = await configuration()
  const file = join(root.path, CONFIG)
  writeFileSync(file, text)
  chownSync(file, NUMBER, NUMBER)
  chmodSync(join(root.path, 'tmp'), 0o1777)
  await play(trial, url, String(NUMBER))
}

async function configuration(): Promise<{ text: string; url: string }> {
  const [webPort, udpPort, cameraPort] = await freePorts(3)
  const server = `# mine\n[server]\nbind-ip = "127.0.0.1"\nweb-port = ${webPort}\n[webrtc]\nudp-port = ${udpPort}\n`
  const camera = `[camera1]\ndevice = "test:smpte"\nwidth = 320\nheight = 240\nfps = 10\nwebrtc-port = ${cameraPort}\n`
  return { text: server + camera, url: `http://127.0.0.1:${webPort}` }
}

async function play(
  { root, folder, screenshot, limitS, frames }: Trial,
  url: string,
  user: string,
): Promise<void> {
  const logFile = join(folder, 'program.log')
  const begunMs = performance.now()
  const command = ['/usr/bin/rpi-webrtc', '--test-mode', '--log-format', 'pretty']
  const program = root.start(user, command, logFile)
  const exited = once(program, 'exit')
  try {
    let health = ''
    const isOk = async (): Promise<boolean> => {
      health = await fetch(`${url}/health`).then(
        async (answer) => await answer.text(),
        () => '',
      )
      return health.includes('"status":"ok"')
    }
    const ended = exited.then(([code, signal]) =>
      Promise.reject(new Error(`the program ended: ${String(code ?? signal)}`)),
    )
    await Promise.race([until(isOk, limitS * 1000), ended])
    console.log(`${seconds(begunMs)}  /health: ${health}`)
    const { firstS, colours, ...seen } = await watchPage(url, frames, limitS, screenshot)
    if (colours < 6) throw new Error(`the picture has ${colours} colours only`)
    note(
      `${seen.frames} frames decoded, ${seen.codec} of ${seen.size}, the first after ${firstS.toFixed(1)} s`,
    )
  } catch (error) {
    console.error(readFileSync(logFile, 'utf8').slice(-4000))
    throw error
  } finally {
    program.kill('SIGTERM')
    await exited
  }
}

/** Of this checkout, in the root. @returns its path there. */
function buildPackage(version: string, { root, checkout }: Trial): string {
  const args = ['packaging/build.sh', '--output', join(root.path, 'tmp'), '--version', version]
  execFileSync('sh', args, { cwd: checkout, stdio: ['ignore', 'ignore', 'inherit'] })
  return `/tmp/rpi-webrtc_${version}_all.deb`
}

function noteVersions(root: Root): void {
  const [node, gstreamer] = [root.run('node', '--version'), root.run('gst-launch-1.0', '--version')]
  note(`Node.js ${node.split('\n')[0]}, GStreamer ${/GStreamer ([\d.]+)/.exec(gstreamer)?.[1]}`)
}

export function timed<T>(what: string, step: () => T): T {
  const begunMs = performance.now()
  const result = step()
  console.log(`${seconds(begunMs)}  ${what}`)
  return result
}

const note = (text: string): void => console.log(`${' '.repeat(10)}  ${text}`)

const seconds = (begunMs: number): string =>
  `${((performance.now() - begunMs) / 1000).toFixed(1)} s`.padStart(10)
