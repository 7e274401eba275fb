import type { Context } from 'hono'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { PageFile } from './page-file.js'

const compress = promisify(gzip)
/** Of each file once, in libuv's threads. */
const compressed = new WeakMap<PageFile, Promise<Buffer>>()
/** Smaller files fit into the packet of their headers. */
const MIN_BYTES = 1000

/**
 * A module, a style sheet or words, compressed where the client accepts that: a third of the bytes. Only for what is the same for
 * everyone: the length of a compressed answer with secrets gives them away (BREACH).
 */
export async function answerCompressed(
  c: Context,
  file: PageFile,
  headers: Record<string, string>,
): Promise<Response> {
  const { body, type, etag } = file
  const all = { ...headers, 'content-type': type, vary: 'accept-encoding' }
  if (body.length < MIN_BYTES || !acceptsGzip(c.req.header('accept-encoding')))
    return c.body(body, 200, { ...all, etag })
  const bytes = compressed.get(file) ?? compress(body)
  compressed.set(file, bytes)
  // Each encoding has a validator of its own (RFC 9110 section 8.8.3.3).
  const own = { etag: etag.replace(/"$/, '-gzip"'), 'content-encoding': 'gzip' }
  return c.body(new Uint8Array(await bytes), 200, { ...all, ...own })
}

/** RFC 9110 section 12.5.3; every browser names gzip. */
const acceptsGzip = (header = ''): boolean =>
  /(?:^|,)\s*gzip\s*(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))(?:;|,|$)/i.test(header)
