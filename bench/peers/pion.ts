import { execFile } from 'node:child_process'
import { access, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { freePorts } from '../../test/support/program.js'
import { startPeer, type Peer } from './peer.js'

/** Where Debian's golang-github-pion-webrtc.v3-dev puts it; its importers name it with /v3. */
const DEBIAN_GOPATH = '/usr/share/gocode'
const PACKAGE = 'github.com/pion/webrtc'

export interface PionRelay extends AsyncDisposable {
  start(): Promise<Peer>
}

/** Builds relay.go with Debian's packages. @throws Error that says what is missing. */
export async function buildPionRelay(): Promise<PionRelay> {
  await access(join(DEBIAN_GOPATH, 'src', PACKAGE)).catch(() => {
    throw new Error('sudo apt install golang-go golang-github-pion-webrtc.v3-dev')
  })
  const folder = await mkdtemp(join(tmpdir(), 'rpi-webrtc-pion-'))
  const program = join(folder, 'relay')
  await mkdir(join(folder, 'src', PACKAGE), { recursive: true })
  await symlink(join(DEBIAN_GOPATH, 'src', PACKAGE), join(folder, 'src', PACKAGE, 'v3'))
  const source = fileURLToPath(new URL('relay.go', import.meta.url))
  const env = {
    ...process.env,
    GO111MODULE: 'off',
    GOFLAGS: '',
    GOPATH: `${folder}:${DEBIAN_GOPATH}`,
    GOCACHE: join(folder, 'cache'),
  }
  await promisify(execFile)('go', ['build', '-o', program, source], { env })
  return {
    async start() {
      const [rtpPort, httpPort] = (await freePorts(2)) as [number, number]
      const viewersOf: Peer['viewersOf'] = ['whep', `http://127.0.0.1:${httpPort}/whep`]
      return await startPeer([program, String(rtpPort), String(httpPort)], { rtpPort, viewersOf })
    },
    [Symbol.asyncDispose]: async () => await rm(folder, { recursive: true }),
  }
}
