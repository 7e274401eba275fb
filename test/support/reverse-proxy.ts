import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { createServer } from 'node:https'
import { join } from 'node:path'
import { codeBlocks } from './docs.js'

/** Where a proxy listens, and what it serves. */
export interface ProxyPlace {
  folder: string
  port: number
  webPort: number
  certPath: string
  keyPath: string
  /** `/cams`, or nothing. */
  prefix: string
}

/** nginx and Caddy as docs/reverse-proxy.md has them; `node` and `node-keep` are written here. */
export type ProxyKind = 'nginx' | 'caddy' | 'node' | 'node-keep'

export const isInstalled = (kind: ProxyKind): boolean =>
  kind.startsWith('node') || spawnSync('sh', ['-c', `PATH=$PATH:/usr/sbin command -v ${kind}`]).status === 0

/** Resolves to what closes it. */
export async function startProxy(kind: ProxyKind, place: ProxyPlace): Promise<AsyncDisposable> {
  if (kind === 'nginx' || kind === 'caddy')
    return spawnProxy(kind, await commandOf[kind](place), place.folder)
  return await startNodeProxy(place, kind === 'node-keep')
}

const page = async (): Promise<string> => await readFile('docs/reverse-proxy.md', 'utf8')

/** How each is started as the page has it, on ports and with a certificate of its own. */
const commandOf = {
  nginx: async ({ folder, port, webPort, certPath, keyPath, prefix }: ProxyPlace): Promise<string[]> => {
    const [atRoot = '', below = ''] = codeBlocks(await page(), 'nginx')
    const location = '  location / {\n    proxy_pass http://127.0.0.1:8080/;\n'
    if (!atRoot.includes(location)) throw new Error('the nginx example has no location to replace')
    const server = (prefix === '' ? atRoot : atRoot.replace(location, below))
      .replace('listen 443', `listen 127.0.0.1:${port}`)
      .replace('127.0.0.1:8080', `127.0.0.1:${webPort}`)
      .replace('/etc/letsencrypt/live/cams.example/fullchain.pem', certPath)
      .replace('/etc/letsencrypt/live/cams.example/privkey.pem', keyPath)
      .replace('/var/log/nginx', folder)
    const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${folder}/${name};`,
    )
    const main = `daemon off;\npid ${folder}/pid;\nerror_log stderr;\nevents {}\nhttp {\n${places.join('\n')}\n${server}}\n`
    await writeFile(join(folder, 'nginx.conf'), main)
    return ['nginx', '-p', folder, '-c', join(folder, 'nginx.conf')]
  },
  caddy: async ({ folder, port, webPort, certPath, keyPath, prefix }: ProxyPlace): Promise<string[]> => {
    const [atRoot = '', below = ''] = codeBlocks(await page(), 'caddyfile')
    const site = (prefix === '' ? atRoot : below)
      .replace(
        /^\w+\.example \{/,
        `https://localhost:${port} {\n  bind 127.0.0.1\n  tls ${certPath} ${keyPath}`,
      )
      .replace('127.0.0.1:8080', `127.0.0.1:${webPort}`)
    // Only the TCP port is known to be free: HTTP/3 would bind the UDP port of this number.
    const protocols = 'servers {\n    protocols h1 h2\n  }'
    const options = `{\n  ${protocols}\n  admin off\n  auto_https off\n  storage file_system ${folder}\n}\n`
    await writeFile(join(folder, 'Caddyfile'), options + site)
    return ['caddy', 'run', '--adapter', 'caddyfile', '--config', join(folder, 'Caddyfile')]
  },
}

function spawnProxy(kind: string, [file, ...args]: string[], folder: string): AsyncDisposable {
  const child = spawn(file!, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, HOME: folder, PATH: `${process.env['PATH']}:/usr/sbin` },
  })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const ended = once(child, 'exit')
  return {
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null) throw new Error(`${kind} ended: ${said}`)
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** A proxy that removes its path, or keeps it, and serves nothing outside of it. */
async function startNodeProxy(place: ProxyPlace, keepsPath: boolean): Promise<AsyncDisposable> {
  const { port, webPort, certPath, keyPath, prefix } = place
  const isInside = (url: string): boolean => url === prefix || url.startsWith(`${prefix}/`)
  const forward = (asked: IncomingMessage) =>
    request({
      host: '127.0.0.1',
      port: webPort,
      agent: false,
      method: asked.method!,
      path: keepsPath ? asked.url! : asked.url!.slice(prefix.length) || '/',
      headers: { ...asked.headers, ...forwardedHeaders(asked, prefix) },
    })
  const server = createServer(
    { cert: await readFile(certPath), key: await readFile(keyPath) },
    (asked, answer) => {
      if (!isInside(asked.url!)) return void answer.writeHead(404).end('outside of the path\n')
      const forwarded = forward(asked)
      forwarded.on('error', () => answer.destroy())
      forwarded.on('response', (response) => {
        answer.writeHead(response.statusCode!, response.headers)
        response.pipe(answer)
      })
      asked.pipe(forwarded)
    },
  )
  server.on('upgrade', (asked, socket, head) => {
    if (!isInside(asked.url!)) return void socket.end('HTTP/1.1 404 Not Found\r\n\r\n')
    const forwarded = forward(asked)
    forwarded.on('error', () => socket.destroy())
    forwarded.on('response', ({ statusCode }) => socket.end(`HTTP/1.1 ${statusCode} Refused\r\n\r\n`))
    forwarded.on('upgrade', ({ headers }, upstream, first) => {
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${headerLines(headers)}\r\n`)
      socket.write(first)
      upstream.write(head)
      upstream.pipe(socket).pipe(upstream)
      upstream.on('error', () => socket.destroy())
      socket.on('error', () => upstream.destroy())
      socket.on('close', () => upstream.destroy())
    })
    forwarded.end()
  })
  await once(server.listen(port, '127.0.0.1'), 'listening')
  return {
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

const forwardedHeaders = ({ socket }: IncomingMessage, prefix: string): Record<string, string> => ({
  forwarded: `for=${socket.remoteAddress};proto=https`,
  ...(prefix !== '' && { 'x-forwarded-prefix': prefix }),
})

const headerLines = (headers: IncomingHttpHeaders): string =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${String(value)}\r\n`)
    .join('')
