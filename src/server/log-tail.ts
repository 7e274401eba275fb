import type { LogAnswer, LogLineAnswer } from '../http/routes/owner-answer.js'
import type { LogEntry } from '../log.js'
import { secretsOfPush } from '../config/push.js'
import type { Config } from '../config/types.js'

const MAX_LINES = 300
const MAX_LENGTH = 1000
/** Shorter ones would make other words unreadable. */
const MIN_SECRET_LENGTH = 4

/** What no line has even if a program that we run printed it. */
const CREDENTIAL =
  /\b((?:token|password|passphrase|secret)["']?[=:]\s*|(?:Bearer|Basic)\s+)("[^"]*"?|[^\s&,;]+)/gi

/** The last lines of the log in memory, for the owner's page. */
export class LogTail {
  readonly #lines: LogLineAnswer[] = []
  #count = 0

  readonly add = ({ level, part, message, timeMs }: LogEntry): void => {
    const text = message.length > MAX_LENGTH ? `${message.slice(0, MAX_LENGTH)}…` : message
    const number = ++this.#count
    this.#lines.push({
      number,
      time: new Date(timeMs).toISOString(),
      level,
      part,
      message: text.replaceAll(CREDENTIAL, '$1***'),
    })
    if (this.#lines.length > MAX_LINES) this.#lines.shift()
  }

  /** @param after a line's number. @param secrets that no line shows. */
  read(after: number, secrets: readonly string[]): LogAnswer {
    const hidden = secrets.filter(({ length }) => length >= MIN_SECRET_LENGTH)
    return {
      lines: this.#lines
        .filter(({ number }) => number > after)
        .map((line) => ({
          ...line,
          message: hidden.reduce((text, secret) => text.replaceAll(secret, '***'), line.message),
        })),
    }
  }
}

export const secretsOf = ({ server: { access }, cameras, webrtc }: Config): string[] =>
  [
    access.login?.passwordText,
    access.token,
    ...cameras.map(({ whipToken }) => whipToken),
    webrtc.turnSecret,
    webrtc.turnUsername,
    webrtc.turnPassword,
    ...cameras.flatMap(({ push }) => push.flatMap(secretsOfPush)),
  ].filter((secret) => secret !== undefined)
