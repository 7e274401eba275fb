import { expect, test, vi } from 'vitest'
import { parseConfig } from '../config/parse.js'
import { NO_FILE } from '../config/source.js'
import type { Config } from '../config/types.js'
import { ConfigError, MissingError } from '../errors.js'
import { exhaustedError } from '../lib/exhausted.js'
import { WorkQueue } from '../lib/work-queue.js'
import type { Log } from '../log.js'
import { createReloader, type Loaded } from './reloader.js'

const CAMERA = '[camera1]\ndevice = "/dev/video0"\n'
const loadedFrom = (toml: string, source = 'config.toml'): Loaded => ({
  config: parseConfig(toml, source),
  warnings: [],
  source,
})

/** A reloader of a file, what was put in force, and the log. */
function reloaderOf(first: Loaded) {
  const file = { load: (): Loaded => first }
  const lines: string[] = []
  const note = (message: string, fields?: object): void =>
    void lines.push(fields === undefined ? message : `${message} ${JSON.stringify(fields)}`)
  const log: Log = { debug: note, info: note, warn: note, error: note }
  const probe = vi.fn<(config: Config) => Promise<string>>().mockResolvedValue('machine')
  const apply = vi.fn<(config: Config, machine: string) => Promise<void>>().mockResolvedValue()
  const phases: string[] = []
  const queue = new WorkQueue()
  const steps = {
    load: async () => await Promise.resolve(file.load()),
    probe,
    apply,
    queue,
    onBegin: () => void phases.push('begin'),
    onEnd: () => void phases.push('end'),
  }
  return { file, lines, probe, apply, phases, queue, reloader: createReloader(first, steps, log) }
}

test('a changed file is applied, and one line names its keys and the affected cameras', async () => {
  const { file, lines, apply, phases, reloader } = reloaderOf(loadedFrom(CAMERA))
  const after = loadedFrom(
    `${CAMERA}width = 320\n[camera3]\ndevice = "test:ball"\n[webrtc]\nmax-clients = 9\n`,
  )
  file.load = () => after
  await reloader.request()
  expect(apply.mock.calls).toEqual([[after.config, 'machine']])
  expect(lines).toEqual([
    'the configuration changed: webrtc.max-clients, camera3, camera1.width {"config":"config.toml","added":["camera3"],"restarted":["camera1"]}',
  ])
  expect(phases).toEqual(['begin', 'end'])
  expect(reloader.inForce).toBe(after.config)
})

test('an invalid file changes nothing, and every problem is logged', async () => {
  const { file, lines, apply, phases, reloader } = reloaderOf(loadedFrom(CAMERA))
  file.load = () => loadedFrom('[server]\nweb_port = 1\n[camera1]\ndevice = "test:ball"\nwidth = 33\n')
  await reloader.request()
  expect(apply).not.toHaveBeenCalled()
  expect(lines).toEqual([
    'the new configuration is rejected; the current one stays in effect',
    'config.toml has 2 problems:',
    expect.stringMatching(/:2: server\.web_port: .*did you mean "web-port"\?/) as string,
    expect.stringMatching(/:5: camera1\.width: 33 is odd/) as string,
  ])
  expect(phases).toEqual(['begin', 'end'])
})

test('a missing program or an invalid certificate rejects a file as well', async () => {
  const { probe, apply, lines, reloader } = reloaderOf(loadedFrom(CAMERA))
  probe.mockRejectedValueOnce(
    new MissingError({ message: 'GStreamer has no vp8enc', hint: 'sudo apt install it' }),
  )
  await reloader.request()
  expect(apply).not.toHaveBeenCalled()
  apply.mockRejectedValueOnce(new ConfigError(['server.tls-key: no'], 'the certificate'))
  await reloader.request()
  expect(lines).toEqual([
    'the new configuration is rejected; the current one stays in effect',
    'GStreamer has no vp8enc',
    '  -> sudo apt install it',
    'the new configuration is rejected; the current one stays in effect',
    'the certificate has 1 problem:',
    '  server.tls-key: no',
  ])
})

test('a removed file does not apply the defaults', async () => {
  const { file, lines, apply, reloader } = reloaderOf(loadedFrom(CAMERA))
  file.load = () => loadedFrom(CAMERA, NO_FILE)
  await reloader.request()
  expect(apply).not.toHaveBeenCalled()
  expect(lines.at(-1)).toContain('the file no longer exists')
})

test('an unchanged file is logged, and applied again because a part may have failed before', async () => {
  const { lines, apply, reloader } = reloaderOf(loadedFrom(CAMERA))
  await reloader.request()
  expect(lines).toEqual(['the configuration has not changed {"config":"config.toml"}'])
  expect(apply).toHaveBeenCalledOnce()
})

test('requests during a reload are coalesced into one more', async () => {
  const { file, apply, reloader } = reloaderOf(loadedFrom(CAMERA))
  let finish = (): void => {}
  apply.mockReturnValueOnce(new Promise((resolve) => (finish = resolve)))
  const first = reloader.request()
  await vi.waitFor(() => expect(apply).toHaveBeenCalledOnce())
  const after = loadedFrom(`${CAMERA}width = 320\n`)
  file.load = () => after
  const others = [reloader.request(), reloader.request()]
  await new Promise((resolve) => setImmediate(resolve))
  expect(apply).toHaveBeenCalledOnce()
  finish()
  await Promise.all([first, ...others])
  expect(apply).toHaveBeenCalledTimes(2)
  expect(reloader.inForce).toBe(after.config)
})

test('a file that cannot be read for want of descriptors changes nothing, and the log names the limit to raise', async () => {
  const { file, lines, apply, reloader } = reloaderOf(loadedFrom(CAMERA))
  file.load = () => {
    throw exhaustedError('config.toml cannot be read', Object.assign(new Error(), { code: 'EMFILE' }))!
  }
  await reloader.request()
  expect(apply).not.toHaveBeenCalled()
  expect(lines).toEqual([
    'the new configuration is rejected; the current one stays in effect',
    expect.stringMatching(/^config\.toml cannot be read: .*Raise LimitNOFILE/) as string,
  ])
})

test('a save that is running when a reload is requested ends before the file is read', async () => {
  const { file, apply, queue, reloader } = reloaderOf(loadedFrom(CAMERA))
  const saved = loadedFrom(`${CAMERA}[camera1.controls]\nbrightness = 10\n`)
  const save = queue.run(async () => {
    await Promise.resolve()
    file.load = () => saved
  })
  await Promise.all([reloader.request(), save])
  expect(apply.mock.calls).toEqual([[saved.config, 'machine']])
})

test('a save that is requested during a reload begins after it', async () => {
  const order: string[] = []
  const { apply, queue, reloader } = reloaderOf(loadedFrom(CAMERA))
  apply.mockImplementation(async () => {
    await Promise.resolve()
    order.push('reloaded')
  })
  const reload = reloader.request()
  const save = queue.run(async () => {
    await Promise.resolve()
    order.push('saved')
  })
  await Promise.all([reload, save])
  expect(order).toEqual(['reloaded', 'saved'])
})
