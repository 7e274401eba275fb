import { randomBytes } from 'node:crypto'
import { errorCodeOf, transactionIdOf } from '../lib/stun.js'
import type { TurnLink } from './link.js'
import {
  authenticatedPart,
  challengeOf,
  isErrorOf,
  isSuccessOf,
  longTermKey,
  writeRequest,
  type Credentials,
} from './message.js'
import type { TurnServer } from './turn-server.js'

/** RFC 8489 section 6.2.1: over UDP a request is repeated after 0.5 s, 1.5 s and 3.5 s. */
const REPEAT_AT_MS = [500, 1500, 3500] as const
/** The first one asks for the challenge, the second one answers it, the third one has a newer nonce. */
const MAX_ATTEMPTS = 3
const TRANSACTION_BYTES = 12

export type TurnOutcome =
  /** What of the response is authenticated. */
  | { kind: 'success'; message: Buffer }
  | { kind: 'error'; code: number | undefined }
  | { kind: 'silent' | 'closed' }

interface Transaction {
  type: number
  key: Buffer | undefined
  finish: (outcome: TurnOutcome | { kind: 'challenge'; message: Buffer; code: number }) => void
}

export type WriteAttributes = (transaction: Buffer) => Parameters<typeof writeRequest>[2]

/** Requests to one server, and their authentication (RFC 8489 section 9.2). */
export class TurnTransactions {
  readonly #link: TurnLink
  readonly #server: TurnServer
  readonly #open = new Map<string, Transaction>()
  #credentials: Credentials | undefined

  constructor(link: TurnLink, server: TurnServer) {
    this.#link = link
    this.#server = server
  }

  /** Resolves with the response, or after `limitMs` without one. Never rejects. */
  async request(type: number, limitMs: number, attributes: WriteAttributes): Promise<TurnOutcome> {
    const endsAtMs = performance.now() + limitMs
    let code: number | undefined
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const leftMs = endsAtMs - performance.now()
      if (leftMs <= 0) return { kind: 'silent' }
      const outcome = await this.#once(type, leftMs, attributes)
      if (outcome.kind !== 'challenge') return outcome
      ;({ code } = outcome)
      if (!this.#answer(outcome)) break
    }
    return { kind: 'error', code }
  }

  async #once(
    type: number,
    limitMs: number,
    attributes: WriteAttributes,
  ): Promise<Parameters<Transaction['finish']>[0]> {
    const id = randomBytes(TRANSACTION_BYTES)
    const request = writeRequest(type, id, attributes(id), this.#credentials)
    const key = transactionIdOf(request)
    const timers: NodeJS.Timeout[] = []
    try {
      return await new Promise((finish) => {
        this.#open.set(key, { type, key: this.#credentials?.key, finish })
        timers.push(setTimeout(finish, limitMs, { kind: 'silent' }))
        if (!this.#link.isReliable)
          timers.push(...REPEAT_AT_MS.map((atMs) => setTimeout(() => this.#link.send(request), atMs)))
        this.#link.send(request)
      })
    } finally {
      for (const timer of timers) clearTimeout(timer)
      this.#open.delete(key)
    }
  }

  /** @returns false if it is no use to ask again. */
  #answer({ message, code }: { message: Buffer; code: number }): boolean {
    const challenge = challengeOf(message)
    const realm = challenge?.realm ?? this.#credentials?.realm
    if (challenge === undefined || realm === undefined) return false
    // 401 to a request with credentials: they are wrong.
    if (code === 401 && this.#credentials !== undefined) return false
    const { username, password } = this.#server
    const key = longTermKey(username, realm, password)
    this.#credentials = { username, realm, nonce: challenge.nonce, key }
    return true
  }

  /** @param message a response. */
  receive(message: Buffer): void {
    const transaction = this.#open.get(transactionIdOf(message))
    if (transaction === undefined) return
    const { type, key, finish } = transaction
    if (isErrorOf(message, type)) {
      // Most servers do not authenticate errors, of which some must not be (RFC 8489 section 9.2.5).
      const code = errorCodeOf(message)
      finish(code === 401 || code === 438 ? { kind: 'challenge', message, code } : { kind: 'error', code })
    } else if (isSuccessOf(message, type)) {
      const authentic = key === undefined ? message : authenticatedPart(message, key)
      if (authentic !== undefined) finish({ kind: 'success', message: authentic })
    }
  }

  /** Ends all requests. */
  close(): void {
    for (const { finish } of this.#open.values()) finish({ kind: 'closed' })
  }

  get open(): number {
    return this.#open.size
  }
}
