import { createServer } from 'node:http'
import { once } from 'node:events'

/** A site that has nothing to do with the server, as the front end of a printer. */
export interface OtherSite extends AsyncDisposable {
  /** `http://localhost:PORT`: neither host name nor port of the server. */
  readonly origin: string
  /** Another port of the server's host: another origin of the same site. */
  readonly samesiteOrigin: string
}

/** The page of the other site. @param body its HTML */
export const pageWith = (
  body: string,
): string => `<!doctype html><meta charset="utf-8"><title>Another site</title>
<style>html { font-size: 10px } video, button, p, h2 { border: 9px solid lime; font: 40px serif }</style>
<script>
  window.reports = []
  for (const name of ['statechange', 'failed', 'playing'])
    document.addEventListener(name, ({ target, detail }) => reports.push({ name, id: target.id, ...detail }), true)
</script>
${body}`

/**
 * @param body HTML of its page, for each request.
 * @param about its Content-Security-Policy, and a script at /bundle.js.
 */
export async function openOtherSite(
  body: () => string,
  { csp, bundle }: { csp?: () => string; bundle?: string } = {},
): Promise<OtherSite> {
  const server = createServer((request, response) => {
    if (request.url === '/bundle.js')
      return void response.writeHead(200, { 'content-type': 'text/javascript' }).end(bundle)
    if (request.url !== '/') return void response.writeHead(204).end()
    const headers = { 'content-type': 'text/html', ...(csp && { 'content-security-policy': csp() }) }
    response.writeHead(200, headers).end(pageWith(body()))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  return {
    origin: `http://localhost:${port}`,
    samesiteOrigin: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

/** What the page of the other site has noted of the events of its elements. */
export interface SeenReport {
  name: string
  id: string
  state: string
  code: string
  message: string
  hint: string
  transport: string
}
