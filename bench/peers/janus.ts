import { access, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from '../../test/support/program.js'
import { startPeer, type Peer } from './peer.js'

/** Of the stream in the configuration below. */
export const JANUS_STREAM = 1

/** Janus with its streaming plugin. @throws Error that says what is missing. */
export async function startJanus(): Promise<Peer> {
  await access('/usr/bin/janus').catch(() => {
    throw new Error('sudo apt install janus')
  })
  const folder = await mkdtemp(join(tmpdir(), 'rpi-webrtc-janus-'))
  const [rtpPort, httpPort] = (await freePorts(2)) as [number, number]
  for (const [name, text] of Object.entries(configuration(rtpPort, httpPort)))
    await writeFile(join(folder, name), text)
  const url = `http://127.0.0.1:${httpPort}/janus`
  try {
    const command = ['janus', '--configs-folder', folder, '--debug-level', '1']
    const janus = await startPeer(command, { rtpPort, viewersOf: ['janus', url] })
    const stop = janus[Symbol.asyncDispose]
    return {
      ...janus,
      [Symbol.asyncDispose]: async () => {
        await stop()
        await rm(folder, { recursive: true })
      },
    }
  } catch (error) {
    await rm(folder, { recursive: true })
    throw error
  }
}

const configuration = (rtpPort: number, httpPort: number): Record<string, string> => ({
  'janus.jcfg': 'general: { }\nmedia: { }\nnat: { }\n',
  'janus.transport.http.jcfg': `general: { http = true; ip = "127.0.0.1"; port = ${httpPort}; https = false; }\nadmin: { admin_http = false; }\n`,
  'janus.plugin.streaming.jcfg': `camera1: {
  type = "rtp"; id = ${JANUS_STREAM}; audio = false; video = true
  videoport = ${rtpPort}; videoiface = "127.0.0.1"; videopt = 96; videocodec = "vp8"
}
`,
})
