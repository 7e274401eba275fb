import type { Quality } from './quality.js'

/** What a request says of its client, beside its address. */
export interface AboutClient {
  /** The addresses at which the client reached this server: they are offered first. */
  reachedAt: readonly string[]
  /** A secret of the page: its earlier session ends, and the new one gets the slot. */
  tab?: string | undefined
  /** The size that it asks for; `auto` unless told. */
  quality?: Quality | undefined
  /** The socket whose sessions, over WebRTC and over HTTP, share a slot. */
  client?: object | undefined
}
