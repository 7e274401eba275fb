import { once } from 'node:events'
import { createServer } from 'node:http'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const folder = fileURLToPath(new URL('page', import.meta.url))

/** An empty page with the clients of `page/`, of another origin than the server, as a printer's front end is. */
export async function servePages(): Promise<AsyncDisposable & { url: string }> {
  const files: Record<string, [type: string, text: string]> = {
    '/': ['text/html', '<!doctype html><title>clients</title>'],
    '/clients.js': ['text/javascript', await readFile(`${folder}/clients.js`, 'utf8')],
    '/eyevinn.js': ['text/javascript', await bundled(`${folder}/eyevinn.js`)],
  }
  const server = createServer((request, response) => {
    const [type, text] = files[request.url ?? ''] ?? ['text/plain', '']
    response.writeHead(text === '' ? 404 : 200, { 'content-type': type }).end(text)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}/`,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

async function bundled(entry: string): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, minify: false, lib: { entry, formats: ['es'] } },
  })
  const [first] = [result].flat()
  if (first === undefined || !('output' in first)) throw new Error('the player was not bundled')
  return first.output[0].code
}
