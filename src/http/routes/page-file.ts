import { createHash } from 'node:crypto'

/** One file of the page, ready to serve. */
export interface PageFile {
  body: string
  type: string
  etag: string
}

export const pageFile = (body: string, type: string): PageFile => ({
  body,
  type,
  etag: `"${createHash('sha256').update(body).digest('base64url')}"`,
})
