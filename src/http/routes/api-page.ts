import { code, englishIn, escapeHtml, plainPage, sentence } from './html.js'
import type { PageWords } from './page-words.js'

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

/**
 * Every route by subject, each with the line that requests it. What a route does is in English, as the document has it for programs.
 * @param root `http://pi:8080`, as the client reached the server.
 */
export function apiPage({ info, tags, paths }: OpenApi, root: string, words: PageWords): string {
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  )
  const chapters = tags.map(({ name, description = name }) => {
    const own = operations.filter(({ operation }) => operation.tags?.[0] === name)
    const entries = own.map(({ method, path, operation }) => {
      const permission = permissionOf(operation)
      return `<h3>${code(`${method} ${path}`)}</h3>
<p><span${englishIn(words)}>${escapeHtml(operation.summary ?? '')}</span></p>
<p>${sentence(words, 'server.api.needs', { permission: permissionText(permission, words) })}</p>
<pre dir="ltr">${code(curlLine(method, root + path, operation, permission))}</pre>`
    })
    const key = `server.api.chapter.${name}`
    const title = words.has(key)
      ? sentence(words, key)
      : `<span${englishIn(words)}>${escapeHtml(description)}</span>`
    return `<h2>${title}</h2>\n${entries.join('\n')}`
  })
  const heading = words.text('server.api.heading')
  const intro = sentence(words, 'server.api.intro', {
    version: `<bdi>${escapeHtml(info.version)}</bdi>`,
    file: '<a href="openapi.json">openapi.json</a>',
    login: code('USER:PASSWORD'),
    header: code("-H 'Authorization: Bearer TOKEN'"),
  })
  const body = `<h1>${escapeHtml(heading)}</h1>\n<p>${intro}</p>\n${chapters.join('\n')}`
  return plainPage(`${heading} · rpi-webrtc`, body, words)
}

const permissionText = (permission: string, words: PageWords): string =>
  sentence(words, `server.api.permission.${permission}`)

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
