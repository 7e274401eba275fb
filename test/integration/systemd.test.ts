import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { parseConfig } from '../../src/config/parse.js'
import { configExposures } from '../../src/config/exposure.js'
import { realFiles } from '../../src/lib/file-access.js'
import { unitLimits } from '../support/unit.js'

const unit = readFileSync('systemd/rpi-webrtc.service', 'utf8')
const installer = readFileSync('systemd/install.sh', 'utf8')
const uninstaller = readFileSync('systemd/uninstall.sh', 'utf8')

/** Every value of a key of the unit; systemd takes the same key several times. */
const valuesOf = (key: string) =>
  unit.split('\n').flatMap((line) => (line.startsWith(`${key}=`) ? [line.slice(key.length + 1)] : []))
const variableOf = (script: string, name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(script)?.[1]

const temporary = () => {
  const folder = mkdtempSync(join(tmpdir(), 'rpi-webrtc-systemd-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

/** A copy of the scripts beside a project that is built, and a PATH whose package tools only write down their calls. */
const freshMachine = (machine: { installed: boolean; node?: string; packages?: boolean }) => {
  const folder = temporary()
  const bin = join(folder, 'bin')
  const calls = join(folder, 'calls')
  mkdirSync(bin)
  cpSync('systemd', join(folder, 'systemd'), { recursive: true })
  cpSync('packaging', join(folder, 'packaging'), { recursive: true })
  for (const name of ['config.example.toml', 'package.json']) cpSync(name, join(folder, name))
  const programs = {
    'apt-get': `echo "apt-get $*" >> ${calls}`,
    'apt-cache': `echo "  Candidate: ${machine.packages === false ? '(none)' : '1.22.0-1'}"`,
    'dpkg-query': machine.installed ? 'printf installed' : 'exit 1',
    node: `echo ${machine.node ?? 'v20.19.0'}`,
    npm: `echo "npm $*" >> ${calls}`,
    sudo: 'exec "$@"',
  }
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(bin, name), 0o755)
  }
  const run = (script: string, ...args: string[]) => {
    const openToAll = ['-c', 'umask 0; exec sh "$@"', 'sh', join(folder, 'systemd', script), ...args]
    const { status, stdout, stderr } = spawnSync('sh', openToAll, {
      env: { PATH: `${bin}:/usr/sbin:/usr/bin:/sbin:/bin` },
      encoding: 'utf8',
    })
    const made = existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : []
    return { status, text: stdout + stderr, calls: made }
  }
  return { folder, run }
}

/** A machine whose installer installs below a folder of its own, and only writes down what it does to users and systemd. */
const installable = (init: string) => {
  const { folder, run } = freshMachine({ installed: true })
  const root = join(folder, 'root')
  const script = join(folder, 'systemd', 'install.sh')
  const moved = installer.replaceAll(/^(PREFIX|CONFIG|UNIT|COMMAND)=/gm, `$1=${root}`)
  writeFileSync(script, moved)
  mkdirSync(join(root, 'etc', 'systemd', 'system'), { recursive: true })
  mkdirSync(join(folder, 'dist'))
  writeFileSync(join(folder, 'dist/main.js'), '')
  mkdirSync(join(folder, 'node_modules/werift'), { recursive: true })
  const node = `case "$*" in *" init "*) ${init} ;; *production-modules*) echo node_modules/werift ;; *) echo v20.19.0 ;; esac`
  const calls = join(folder, 'calls')
  const programs = { node, id: 'echo 0', getent: 'exit 0' }
  const noted = Object.fromEntries(
    ['chown', 'systemctl', 'useradd', 'journalctl'].map((name) => [name, `echo "${name} $*" >> ${calls}`]),
  )
  for (const [name, text] of Object.entries({ ...programs, ...noted })) {
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${text}\n`)
    chmodSync(join(folder, 'bin', name), 0o755)
  }
  const config = join(root, variableOf(installer, 'CONFIG')!)
  const program = join(root, variableOf(installer, 'PREFIX')!)
  return { folder, root, config, program, run, install: () => run('install.sh', '--no-start') }
}

describe('rpi-webrtc.service', () => {
  test('starts what the installer installs, with the configuration the installer writes', () =>
    expect(valuesOf('ExecStart')).toEqual([
      `/usr/bin/node --max-semi-space-size=4 --max-old-space-size=96 ${variableOf(installer, 'PREFIX')!}/dist/main.js --log-format pretty --config ${variableOf(installer, 'CONFIG')!}`,
    ]))

  test('runs as the user that the installer creates, with access to cameras and encoders', () => {
    expect(valuesOf('User')).toEqual([variableOf(installer, 'SERVICE_USER')])
    expect(valuesOf('SupplementaryGroups')).toEqual(['video render audio'])
  })

  test('is started again whatever happens, but not where only a person can help', () => {
    expect(valuesOf('Restart')).toEqual(['always'])
    expect(valuesOf('RestartPreventExitStatus').join(' ').split(' ')).toContain('78')
  })

  test('waits for the program to be ready, and for signs of life, from systemd-notify as well', () => {
    expect(valuesOf('Type')).toEqual(['notify'])
    expect(valuesOf('NotifyAccess')).toEqual(['all'])
    expect(Number(valuesOf('WatchdogSec')[0])).toBeGreaterThanOrEqual(20) // looks are 6 s apart or more, three in each
    expect(valuesOf('ExecReload')).toEqual(['/bin/kill -HUP $MAINPID'])
  })

  test('lets the program stop its capture processes itself', () =>
    expect(valuesOf('KillMode')).toEqual(['mixed']))

  test('lets setpriv, which starts the capture processes, call capset', () =>
    expect(valuesOf('SystemCallFilter')).toEqual(['@system-service', '~@privileged', 'capset']))

  test('lets V8 compile', () => expect(valuesOf('MemoryDenyWriteExecute')).toEqual([]))

  test('has a writable place for the plugin list of GStreamer', () => {
    expect(valuesOf('CacheDirectory')).toEqual(['rpi-webrtc'])
    expect(valuesOf('Environment')).toContain('GST_REGISTRY=%C/rpi-webrtc/gstreamer-registry.bin')
  })

  test('has the devices of cameras and encoders', () =>
    expect(valuesOf('DeviceAllow')).toEqual(
      expect.arrayContaining(['char-81 rw', 'char-media rw', 'char-dma_heap rw', 'char-vchiq rw']),
    ))

  describe('the limits on memory suit each other', () => {
    const limits = unitLimits(unit)
    // MB, by bench/memory.ts: the most of Node 20, 22 and 24 with 96 viewers, and of a capture process (vp8enc).
    const heapInUse = 35
    const besideHeap = 101
    const capture = { '640x480': 35, '1920x1080': 106 }
    /** What the rest of Raspberry Pi OS Lite needs. */
    const others = 100
    const fullNode = limits.heapMb + besideHeap

    test('the heap limit is three times its use, and none of it is swapped', () => {
      expect(limits.heapMb).toBeGreaterThan(3 * heapInUse)
      expect(limits.swapMax).toBe('0')
    })

    // As MemTotal: a Pi Zero 2 W, and boards of 1, 2 and 4 GB.
    test.each([416, 906, 1846, 3794])('on a machine of %i MB', (machine) => {
      const [high, max] = [limits.highMb(machine), limits.maxMb(machine)]
      expect(fullNode + capture['640x480'], 'a full heap and a capture').toBeLessThan(high)
      expect(high).toBeLessThan(max)
      expect(max + others).toBeLessThan(machine)
      // oom_score_adj of capture processes: half of all. A healthy Node stays, one that leaks goes.
      expect(heapInUse + besideHeap - capture['640x480']).toBeLessThan(max / 2)
      expect(max - 2 * capture['640x480']).toBeGreaterThan(max / 2)
    })

    test.each([906, 1846, 3794])('on a machine of %i MB two cameras of 1080p fit, in software', (machine) =>
      expect(fullNode + 2 * capture['1920x1080']).toBeLessThan(limits.highMb(machine)),
    )
  })

  const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0
  test.skipIf(!hasSystemd)('is understood by systemd, down to the last key', () => {
    const file = join(temporary(), 'rpi-webrtc.service')
    writeFileSync(file, unit.replace('/usr/bin/node', process.execPath))
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], {
      encoding: 'utf8',
    })
    expect(stderr.split('\n').filter((line) => line.includes('rpi-webrtc'))).toEqual([])
    expect(status).toBe(0)
  })
})

describe('the scripts', () => {
  const scripts = ['setup.sh', 'install.sh', 'uninstall.sh']

  test.each(scripts)('%s is a shell script', (script) =>
    expect(spawnSync('sh', ['-n', `systemd/${script}`]).status).toBe(0),
  )
  test.each(scripts)('%s prints its usage and rejects unknown options', (script) => {
    const { run } = freshMachine({ installed: true })
    expect(run(script, '--help')).toMatchObject({
      status: 0,
      text: expect.stringContaining('--dry-run') as string,
    })
    expect(run(script, '--banana')).toMatchObject({
      status: 64,
      text: expect.stringContaining('unknown option --banana') as string,
    })
  })

  test('the uninstaller removes what the installer installs', () => {
    for (const name of ['PREFIX', 'UNIT', 'COMMAND', 'SERVICE_USER']) {
      expect(variableOf(uninstaller, name)).toBe(variableOf(installer, name))
    }
  })
})

describe('setup.sh', () => {
  test('installs nothing where nothing is missing', () => {
    const { status, text, calls } = freshMachine({ installed: true }).run('setup.sh')
    expect(text).toContain('setup: done')
    expect({ status, calls }).toEqual({ status: 0, calls: [] })
  })

  test('installs missing packages without questions, after one update of the lists', () => {
    const { status, calls } = freshMachine({ installed: false }).run('setup.sh')
    expect(status).toBe(0)
    expect(calls.filter((call) => call.startsWith('apt-get update'))).toHaveLength(1)
    const installs = calls.filter((call) => call.startsWith('apt-get install'))
    expect(installs[0]).toMatch(/^apt-get install -y -qq --no-install-recommends gstreamer1\.0-tools /)
    expect(installs.join(' ')).toContain('gstreamer1.0-x')
    expect(installs.join(' ')).toContain('chromium')
    expect(installs.join(' ')).not.toContain('libcamera')
  })

  test('leaves the tools of the tests out for the installer, and takes libcamera along where it is asked to', () => {
    const { calls } = freshMachine({ installed: false }).run('setup.sh', '--runtime-only', '--libcamera')
    expect(calls.join(' ')).not.toContain('chromium')
    expect(calls.join(' ')).toContain('gstreamer1.0-libcamera libcamera-ipa')
  })

  test('a package that must be there and is nowhere is an error that names it', () => {
    const { status, text } = freshMachine({ installed: false, packages: false }).run('setup.sh')
    expect(status).toBe(1)
    expect(text).toContain('no package gstreamer1.0-tools in the lists of apt')
  })

  test('a Node.js that is too old is rejected with the way to a newer one', () => {
    const { status, text } = freshMachine({ installed: true, node: 'v18.20.4' }).run('setup.sh')
    expect(status).toBe(1)
    expect(text).toContain('Node.js 20.19.0 or newer is needed, found v18.20.4')
    expect(text).toContain('nodejs.org')
  })

  test('builds a checkout, and does not build it again', () => {
    const { folder, run } = freshMachine({ installed: true })
    mkdirSync(join(folder, 'src'))
    for (const file of ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json']) {
      writeFileSync(join(folder, file), '{}')
    }
    expect(run('setup.sh').calls).toEqual([
      'npm ci --include=dev --no-fund --no-audit --fetch-retries=1',
      'npm run --silent build',
    ])
    rmSync(join(folder, 'calls'))
    mkdirSync(join(folder, 'dist'))
    mkdirSync(join(folder, 'node_modules'))
    writeFileSync(join(folder, 'node_modules', '.package-lock.json'), '{}')
    writeFileSync(join(folder, 'dist', 'main.js'), '')
    expect(run('setup.sh').calls).toEqual(['npm ls'])
  })

  test('takes the long way where npm refuses the lock file', () => {
    const { folder, run } = freshMachine({ installed: true })
    mkdirSync(join(folder, 'src'))
    writeFileSync(join(folder, 'package-lock.json'), '{}')
    const npm = `#!/bin/sh\necho "npm $*" >> ${join(folder, 'calls')}\n[ "$1" != ci ] || { echo 'npm error code EUSAGE' >&2; exit 1; }\n`
    writeFileSync(join(folder, 'bin', 'npm'), npm)
    const { status, calls } = run('setup.sh')
    expect(status).toBe(0)
    expect(calls).toEqual([
      'npm ci --include=dev --no-fund --no-audit --fetch-retries=1',
      'npm install --no-save --include=dev --no-fund --no-audit --fetch-retries=1',
      'npm run --silent build',
    ])
  })

  test('without a network the error of npm is shown, and nothing is tried again', () => {
    const { folder, run } = freshMachine({ installed: true })
    mkdirSync(join(folder, 'src'))
    writeFileSync(join(folder, 'package-lock.json'), '{}')
    const npm = `#!/bin/sh\necho "npm $1" >> ${join(folder, 'calls')}\necho 'npm error code EAI_AGAIN' >&2\nexit 1\n`
    writeFileSync(join(folder, 'bin', 'npm'), npm)
    const { status, text, calls } = run('setup.sh')
    expect({ status, calls }).toEqual({ status: 1, calls: ['npm ci'] })
    expect(text).toContain('npm error code EAI_AGAIN')
  })

  test('for a service there are no npm packages and no build', () => {
    const { folder, run } = freshMachine({ installed: true })
    mkdirSync(join(folder, 'src'))
    expect(run('setup.sh', '--runtime-only')).toMatchObject({ status: 0, calls: [] })
  })

  test('a dry run does nothing', () => {
    const { status, text, calls } = freshMachine({ installed: false }).run('setup.sh', '--dry-run')
    expect({ status, calls }).toEqual({ status: 0, calls: [] })
    expect(text).toContain('apt-get install')
  })
})

describe('install.sh and uninstall.sh', () => {
  test('a dry run of the installer prints every step and takes none', () => {
    const { status, text, calls } = freshMachine({ installed: true }).run('install.sh', '--dry-run')
    expect({ status, calls }).toEqual({ status: 0, calls: [] })
    expect(text).toContain('  systemctl enable rpi-webrtc.service')
    expect(text).toContain('  write /etc/systemd/system/rpi-webrtc.service')
    expect(text).toMatch(/Watch at http:\/\/\S+:8080\//)
  })

  const modeOf = (path: string) => statSync(path).mode & 0o777

  test('the first configuration lists the cameras found, and only the service can read it', () => {
    const { config, install } = installable(`for last; do :; done; printf '[camera1]\\n' > "$last"`)
    const { status, text, calls } = install()
    expect([status, readFileSync(config, 'utf8')]).toEqual([0, '[camera1]\n'])
    expect(text).not.toContain('config.example.toml')
    expect(modeOf(config)).toBe(0o640)
    expect(calls).toContain(`chown root:rpi-webrtc ${config}`)
  })

  test('nothing is left that other users can change or read, whatever the umask is', async () => {
    const { root, config, install } = installable('exit 1')
    mkdirSync(dirname(config), { recursive: true })
    chmodSync(dirname(config), 0o777)
    expect(install().status).toBe(0)
    const parsed = parseConfig(`${readFileSync(config, 'utf8')}\n[camera1]\ndevice = "test:smpte"`, config)
    expect(await configExposures(parsed, config, realFiles, process.getegid?.())).toEqual([])
    for (const name of ['UNIT', 'COMMAND'])
      expect([name, modeOf(join(root, variableOf(installer, name)!)) & 0o022]).toEqual([name, 0])
  })

  test('without a camera the first configuration names none, and leads to the explanation of every key', () => {
    const { config, program, install } = installable('echo No camera found >&2; exit 1')
    const { status, text } = install()
    expect([status, text]).toEqual([0, expect.stringContaining('No camera found')])
    const written = readFileSync(config, 'utf8')
    expect(() => parseConfig(written, config)).toThrow('there is no camera')
    const explained = /explained in (\S+)/.exec(written)?.[1]
    expect(explained).toBe(join(program, 'config.example.toml'))
    expect(existsSync(explained!)).toBe(true)
    expect(modeOf(config)).toBe(0o640)
  })

  test('what is built is copied with its packages and its documentation, without npm', () => {
    const { program, install } = installable('exit 1')
    const { status, calls } = install()
    expect([status, calls.filter((call) => call.startsWith('npm'))]).toEqual([0, []])
    for (const name of ['dist/main.js', 'node_modules/werift', 'config.example.toml'])
      expect([name, existsSync(join(program, name))]).toEqual([name, true])
  })

  test('what is not built is built apart from the clone; where npm fails, the program before stays', () => {
    const { folder, program, install } = installable('exit 1')
    mkdirSync(program, { recursive: true })
    writeFileSync(join(program, 'before'), '')
    rmSync(join(folder, 'dist'), { recursive: true })
    for (const name of ['src', 'tsconfig.json', 'tsconfig.build.json']) mkdirSync(join(folder, name))
    const npm = `#!/bin/sh\ncase "$1" in install) echo 'npm error code EAI_AGAIN' >&2; exit 1 ;; esac\n`
    writeFileSync(join(folder, 'bin/npm'), npm)
    const { status, text } = install()
    expect([status, text]).toEqual([1, expect.stringContaining('npm error code EAI_AGAIN')])
    expect(existsSync(join(program, 'before'))).toBe(true)
    expect(existsSync(join(folder, 'dist'))).toBe(false)
  })

  test('the command replaces a link of npm, and does not write through it', () => {
    const { folder, root, install } = installable('exit 1')
    const command = join(root, variableOf(installer, 'COMMAND')!)
    const linked = join(folder, 'global-main.js')
    writeFileSync(linked, 'of npm')
    mkdirSync(dirname(command), { recursive: true })
    symlinkSync(linked, command)
    expect(install().status).toBe(0)
    expect(readFileSync(linked, 'utf8')).toBe('of npm')
    expect(readFileSync(command, 'utf8')).toContain('--max-old-space-size=96')
  })

  test('an update that does not start is undone', () => {
    const { folder, root, program, run } = installable('exit 1')
    const unitFile = join(root, variableOf(installer, 'UNIT')!)
    mkdirSync(program, { recursive: true })
    writeFileSync(join(program, 'before'), '')
    writeFileSync(unitFile, 'the unit before')
    // Stands for /run/systemd/system.
    const script = join(folder, 'systemd/install.sh')
    writeFileSync(script, readFileSync(script, 'utf8').replaceAll('/run/systemd/system', folder))
    const systemctl = `#!/bin/sh\n[ "$1" != restart ] || [ -e ${join(program, 'before')} ]\n`
    writeFileSync(join(folder, 'bin/systemctl'), systemctl)
    const { status, text } = run('install.sh')
    expect([status, text]).toEqual([1, expect.stringContaining('the update was undone')])
    expect(existsSync(join(program, 'before'))).toBe(true)
    expect(readFileSync(unitFile, 'utf8')).toBe('the unit before')
  })

  test('an update keeps the configuration, and keeps it from strangers', () => {
    const { config, install } = installable('exit 1')
    mkdirSync(dirname(config), { recursive: true })
    writeFileSync(config, 'password = "s3cret"\n', { mode: 0o644 })
    const { status, calls } = install()
    expect([status, readFileSync(config, 'utf8')]).toEqual([0, 'password = "s3cret"\n'])
    expect(modeOf(config)).toBe(0o640)
    expect(calls).toContain(`chown root:rpi-webrtc ${config}`)
  })

  test.each([
    ['web-port = 9000', 'http', 9000],
    ["web-port = 8443 # https\ntls-cert = '/etc/a b.pem'", 'https', 8443],
    ['#tls-cert = "/etc/a.pem"', 'http', 8080],
  ])('where to watch is told as it is configured: %j', (server, scheme, port) => {
    const { config, install } = installable('exit 1')
    mkdirSync(dirname(config), { recursive: true })
    writeFileSync(config, `[server]\n${server}\n`)
    expect(install().text).toMatch(new RegExp(`Watch at ${scheme}://\\S+:${port}/`))
  })

  test('a dry run of the uninstaller keeps the configuration, unless it is to be purged', () => {
    const { run } = freshMachine({ installed: true })
    expect(run('uninstall.sh', '--dry-run').text).not.toContain('rm -rf /etc/rpi-webrtc')
    expect(run('uninstall.sh', '--dry-run', '--purge').text).toContain('rm -rf /etc/rpi-webrtc')
  })
})
