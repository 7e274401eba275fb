import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { parseArgs, type Flags } from './args.js'
import { ConfigError } from '../errors.js'

const cli = (...args: string[]) =>
  parseArgs(['/usr/bin/node', '/opt/rpi-webrtc/dist/main.js', ...args], '1.2.3')
const none: Flags = {
  configPath: undefined,
  testMode: false,
  debug: false,
  piIp: undefined,
  logFormat: 'auto',
}

const problemsOf = (...args: string[]): readonly string[] => {
  try {
    cli(...args)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

describe('readCli', () => {
  test('without arguments the command is serve', () => expect(cli()).toEqual({ command: 'serve', ...none }))

  test.each([
    [['--config', 'a.toml', '--test-mode', '--debug', '--pi-ip', '192.168.1.20']],
    [['-c', 'a.toml', '-t', '-d', '--pi-ip=192.168.1.20']],
    [['-tdc', 'a.toml', '--pi-ip', '192.168.1.20']],
    [['--config=a.toml', '-td', '--pi-ip', '192.168.1.20']],
  ])('flags may be written %j', (args) =>
    expect(cli(...args)).toEqual({
      command: 'serve',
      configPath: 'a.toml',
      testMode: true,
      debug: true,
      piIp: '192.168.1.20',
      logFormat: 'auto',
    }),
  )

  test.each(['auto', 'pretty', 'json'] as const)('the log may be %s', (format) =>
    expect(cli('--log-format', format)).toEqual({ command: 'serve', ...none, logFormat: format }),
  )

  const quiet = { json: false, force: false, stdout: false }
  test.each([
    ['doctor', { json: false, fromOutside: false }],
    ['cameras', { json: false }],
    ['init', quiet],
    ['hash-password', {}],
  ])('%s accepts the flags before and after it', (command, switches) => {
    const expected = { command, ...none, ...switches, configPath: 'a.toml', testMode: true }
    expect(cli(command, '-c', 'a.toml', '-t')).toEqual(expected)
    expect(cli('-t', '-c', 'a.toml', command)).toEqual(expected)
  })

  test('doctor accepts --from-outside', () =>
    expect(cli('doctor', '--from-outside')).toMatchObject({ command: 'doctor', fromOutside: true }))

  test('doctor and cameras accept --json', () => {
    expect(cli('doctor', '--json')).toMatchObject({ command: 'doctor', json: true })
    expect(cli('--json', 'cameras')).toMatchObject({ command: 'cameras', json: true })
  })

  test.each([[['init', '--stdout']], [['init', '-']], [['init', '--', '-']]])('init prints for %j', (args) =>
    expect(cli(...args)).toEqual({ command: 'init', ...none, ...quiet, stdout: true }),
  )

  test('init replaces a file only with --force', () => {
    expect(cli('init')).toMatchObject({ force: false })
    expect(cli('init', '--force', '-c', 'a.toml')).toMatchObject({ force: true, configPath: 'a.toml' })
  })

  test('certificate accepts names and addresses, a folder, and --write', () => {
    const request = {
      command: 'certificate',
      names: ['cams.lan', 'fd00::2'],
      folder: '/a',
      force: false,
      write: true,
    }
    expect(cli('certificate', 'Cams.lan', 'fd00::2', '--folder', '/a', '--write')).toMatchObject(request)
  })

  test('pipeline accepts the name of a camera', () =>
    expect(cli('pipeline', 'camera2', '--test-mode')).toEqual({
      command: 'pipeline',
      camera: 'camera2',
      ...none,
      testMode: true,
    }))

  test('the name of a file may look like a number', () => {
    expect(cli('--config', '007')).toMatchObject({ configPath: '007' })
    expect(cli('--config=1e3')).toMatchObject({ configPath: '1e3' })
  })

  test.each([['--help'], ['-h'], ['doctor', '--help'], ['--nonsense', '-h']])(
    'help is told for %j',
    (...args) =>
      expect(cli(...args)).toMatchObject({
        command: 'help',
        text: expect.stringContaining('Exit codes:') as string,
      }),
  )

  test('--version prints the version only, for scripts', () => {
    expect(cli('--version')).toEqual({ command: 'version', text: '1.2.3\n' })
    expect(cli('-v')).toEqual({ command: 'version', text: '1.2.3\n' })
  })

  test.each<[string[], string]>([
    [['--tset-mode'], '--tset-mode: is not a flag: did you mean --test-mode?'],
    [['--testmode'], '--testmode: is not a flag: did you mean --test-mode?'],
    [['--configs=a.toml'], '--configs: is not a flag: did you mean --config?'],
    [['--pi_ip', '1.2.3.4'], '--pi_ip: is not a flag: did you mean --pi-ip?'],
    [['--banana'], '--banana: is not a flag'],
    [['-x'], '-x: is not a flag'],
    [['--config'], '--config: needs a FILE after it'],
    [['--config', ''], '--config: needs a FILE after it'],
    [['--config', '--debug'], '--config: needs a FILE after it'],
    [['-c', 'a', '-c', 'b'], '--config: is given twice'],
    [['--pi-ip'], '--pi-ip: needs an IP address after it'],
    [
      ['--pi-ip', 'raspberrypi.local'],
      '--pi-ip: "raspberrypi.local" is not an address that browsers can reach: write one such as 192.168.1.20',
    ],
    [
      ['--pi-ip', '0.0.0.0'],
      '--pi-ip: "0.0.0.0" is not an address that browsers can reach: write one such as 192.168.1.20',
    ],
    [
      ['--pi-ip', '10'],
      '--pi-ip: "10" is not an address that browsers can reach: write one such as 192.168.1.20',
    ],
    [['--log-format'], '--log-format: needs a FORMAT after it'],
    [['--log-format', 'jsno'], '--log-format: "jsno" is not a format: did you mean "json"?'],
    [['--log-format', 'xml'], '--log-format: "xml" is not a format: write auto, pretty, json'],
    [['doktor'], 'doktor: is not a command: did you mean "doctor"?'],
    [
      ['serve-it'],
      'serve-it: is not a command (there are doctor, cameras, init, pipeline, certificate, hash-password)',
    ],
    [['inti'], 'inti: is not a command: did you mean "init"?'],
    [['--json'], '--json: is for doctor, cameras, init only'],
    [['cameras', '--from-outside'], '--from-outside: is for doctor only'],
    [['pipeline', 'camera1', '--force'], '--force: is for init, certificate only'],
    [['--forse', 'init'], '--forse: is not a flag: did you mean --force?'],
    [['init', 'a.toml'], 'a.toml: is not expected after init'],
    [['doctor', '-'], '-: is not expected after doctor'],
    [['config.toml'], 'config.toml: is not a command: write --config config.toml'],
    [['--', 'config.toml'], 'config.toml: is not a command: write --config config.toml'],
    [['doctor', 'camera1'], 'camera1: is not expected after doctor'],
    [
      ['certificate', 'a_b'],
      'a_b: is not a host name or an IP address: write one such as cams.lan or 192.168.1.20',
    ],
    [
      ['certificate', 'https://pi/'],
      'https://pi/: is not a host name or an IP address: write one such as cams.lan or 192.168.1.20',
    ],
    [['init', '--write'], '--write: is for certificate only'],
    [['doctor', '--folder', '/a'], '--folder: is for certificate only'],
    [['pipeline'], 'pipeline: needs the name of a camera, such as pipeline camera1'],
    [['pipeline', 'camera1', 'camera2'], 'camera2: is not expected after pipeline'],
  ])('%j is rejected with a message and a fix', (args, message) =>
    expect(problemsOf(...args)).toEqual([message]),
  )

  test('a long flag with one dash is reported as written', () =>
    expect(problemsOf('-config', 'a.toml')).toContain('-config: is not a flag: did you mean --config?'))

  test('all problems of a command line are reported at once', () =>
    expect(problemsOf('doktor', '--pi-ip', 'x', '--tset-mode')).toHaveLength(3))

  test('nothing is printed', () => {
    const info = vi.spyOn(console, 'info')
    onTestFinished(() => info.mockRestore())
    cli('--help')
    cli('--version')
    expect(info).not.toHaveBeenCalled()
  })
})
