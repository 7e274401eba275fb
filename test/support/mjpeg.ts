export interface Part {
  /** Names in lower case. */
  headers: Record<string, string>
  body: Buffer
}

/**
 * Reads parts of a multipart/x-mixed-replace response (RFC 2046 section 5.1) and leaves.
 * @throws Error where one is not as it should be.
 */
export async function readParts(response: Response, count: number): Promise<Part[]> {
  const boundary = /^multipart\/x-mixed-replace; boundary=([\w-]+)$/.exec(
    response.headers.get('content-type') ?? '',
  )?.[1]
  if (boundary === undefined) throw new Error(`no multipart: ${response.headers.get('content-type')}`)
  const opening = Buffer.from(`--${boundary}\r\n`)
  const parts: Part[] = []
  let unread = Buffer.alloc(0)
  for await (const chunk of response.body!) {
    unread = Buffer.concat([unread, chunk as Uint8Array])
    for (let part = cut(unread, opening); part !== undefined; part = cut(unread, opening)) {
      parts.push(part)
      unread = unread.subarray(part.end)
      if (parts.length === count) return parts
    }
  }
  throw new Error(`the stream ended after ${parts.length} parts`)
}

function cut(unread: Buffer, opening: Buffer): (Part & { end: number }) | undefined {
  const blank = unread.indexOf('\r\n\r\n')
  if (blank === -1) return undefined
  if (!unread.subarray(0, opening.length).equals(opening)) throw new Error('a part begins with no boundary')
  const lines = unread.toString('latin1', opening.length, blank).split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      line.slice(line.indexOf(':') + 1).trim(),
    ]),
  )
  const start = blank + 4
  const end = start + Number(headers['content-length'])
  // Only with the next boundary is a part whole: it is what browsers wait for.
  if (unread.length < end + 2 + opening.length) return undefined
  if (unread.toString('latin1', end, end + 2) !== '\r\n') throw new Error('Content-Length is not the length')
  return { headers, body: Buffer.from(unread.subarray(start, end)), end: end + 2 }
}
