import { AppError } from '../errors.js'
import type { PushProblem } from './push-error.js'
import type { SessionEnd } from './session.js'

/** What is wrong with the answer of a server. */
export function answerProblem(error: unknown, host: string): PushProblem {
  if (!(error instanceof AppError)) throw error
  const { code, message } = error
  if (code === 'no-common-codec')
    return {
      cause: 'push-not-acceptable',
      message: `${host} does not take the stream: ${message}.`,
      hint: 'Allow the codec at the server, or write another codec into the table of the camera: "h264" or "vp8".',
    }
  return {
    cause: 'push-bad-answer',
    message: `The answer of ${host} cannot be used: ${message}.`,
    hint: 'Update the server. If it is up to date, report it with the name and version of the server.',
  }
}

/** @param relayProblems of TURN servers. */
const iceFailed = (message: string, relayProblems: readonly string[]): PushProblem => ({
  cause: 'push-ice-failed',
  message: [message, ...relayProblems.map((problem) => `${problem}.`)].join(' '),
  hint: 'Open the UDP ports of the server, and let it announce an address that this machine reaches. If this network lets no UDP out, set webrtc.turn-servers.',
})

/** Why a session is over. @param relayProblems why TURN servers gave no address. */
export function endProblem(
  { reason, wasReachable, wasHeard }: SessionEnd,
  host: string,
  relayProblems: readonly string[] = [],
): PushProblem {
  switch (reason) {
    case 'never-connected':
      return wasReachable
        ? handshakeFailed(host, 'did not end in time')
        : iceFailed(`${host} accepted the offer, but none of its candidates answers.`, relayProblems)
    case 'handshake-failed':
      return wasReachable
        ? handshakeFailed(host, 'failed')
        : iceFailed(`${host} accepted the offer, but its answer has no usable candidate.`, relayProblems)
    case 'impostor':
      return {
        cause: 'push-impostor',
        message: `What answers for ${host} does not have the key of its certificate.`,
        hint: 'Somebody on the way may have replaced the server. Use https: in url, and check the network.',
      }
    case 'left':
      return {
        cause: 'push-ended',
        message: `${host} ended the session.`,
        hint: 'It is tried again. Look at the log of the server: it may end sessions of another publisher, or at a time limit.',
      }
    case 'silent':
      return wasHeard
        ? {
            cause: 'push-no-reports',
            message: `${host} still answers, but reports no longer what it receives.`,
            hint: 'It is tried again. Look at the log of the media engine of the server.',
          }
        : lost(host)
    case 'connection-lost':
      return lost(host)
    default:
      return {
        cause: 'push-failed',
        message: `The session with ${host} failed (${reason}).`,
        hint: 'It is tried again. If this repeats, report it with the log of this program.',
      }
  }
}

const handshakeFailed = (host: string, how: string): PushProblem => ({
  cause: 'push-dtls-failed',
  message: `The DTLS handshake with ${host} ${how}.`,
  hint: 'Look at the log of the server. It has to accept DTLS 1.2 with ECDHE and AES-128-GCM, and SRTP with AES.',
})

const lost = (host: string): PushProblem => ({
  cause: 'push-lost',
  message: `${host} does not answer any more.`,
  hint: 'It is tried again. Check the network of this machine, and whether the server runs.',
})
