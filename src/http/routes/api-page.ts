import { escapeHtml, plainPage } from './html.js'

/** The part of docs/openapi.json that the page shows. */
export interface OpenApi {
  info: { description?: string; version: string }
  servers: { url: string }[]
  tags: { name: string; description?: string }[]
  paths: Record<string, Record<string, Operation>>
}

interface Operation {
  tags?: string[]
  summary?: string
  security?: Record<string, string[]>[]
  requestBody?: { content: Record<string, unknown> }
}

/** Every route by subject, each with the line that requests it. @param root `http://pi:8080`, as the client reached the server. */
export function apiPage({ info, tags, paths }: OpenApi, root: string): string {
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  )
  const chapters = tags.map(({ name, description = name }) => {
    const own = operations.filter(({ operation }) => operation.tags?.[0] === name)
    const entries = own.map(({ method, path, operation }) => {
      const permission = permissionOf(operation)
      return `<h3><code>${escapeHtml(`${method} ${path}`)}</code></h3>
<p>${escapeHtml(operation.summary ?? '')} (${permission})</p>
<pre><code>${escapeHtml(curlLine(method, root + path, operation, permission))}</code></pre>`
    })
    return `<h2>${escapeHtml(description)}</h2>\n${entries.join('\n')}`
  })
  const intro = `<h1>HTTP API</h1>
<p>rpi-webrtc ${escapeHtml(info.version)}. For programs: <a href="openapi.json">openapi.json</a>. <code>USER:PASSWORD</code> is needed only if the configuration has credentials; the token is enough to watch: <code>-H 'Authorization: Bearer TOKEN'</code>.</p>`
  return plainPage('rpi-webrtc: HTTP API', `${intro}\n${chapters.join('\n')}`)
}

function permissionOf({ security = [] }: Operation): string {
  if (security.some((one) => Object.keys(one).length === 0)) return 'public'
  return security.flatMap((one) => Object.values(one).flat())[0] ?? 'administer'
}

function curlLine(method: string, url: string, { requestBody }: Operation, permission: string): string {
  const type = requestBody && Object.keys(requestBody.content)[0]
  return [
    'curl',
    ...(permission === 'public' ? [] : ['-u USER:PASSWORD']),
    ...(method === 'GET' ? [] : [`-X ${method}`]),
    ...(type === undefined ? [] : [`-H ${shellQuote(`Content-Type: ${type}`)}`, '--data-binary @FILE']),
    shellQuote(
      url
        .replaceAll('{camera}', 'camera1')
        .replaceAll('{name}', 'app.js')
        .replaceAll(/\{(\w+)\}/g, (_, name: string) => name.toUpperCase()),
    ),
  ].join(' ')
}

const shellQuote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
