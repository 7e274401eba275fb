import type { PushProblem } from './push-error.js'

const TLS_CODE = /^(?:ERR_TLS|ERR_SSL|CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO)/

/** Why a request got no response. @param host that was asked. */
export function networkProblem(error: unknown, host: string): PushProblem {
  const { code = '', message = String(error) } = error as { code?: string; message?: string }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'EAI_NODATA')
    return {
      cause: 'push-dns',
      message: `There is no address for the name ${host} (${code}).`,
      hint: 'Check the name in url, and that this machine reaches a DNS server.',
    }
  if (code === 'ECONNREFUSED')
    return {
      cause: 'push-refused',
      message: `${host} refuses the connection.`,
      hint: 'Start the server, and check the port in url.',
    }
  if (TLS_CODE.test(code))
    return {
      cause: 'push-tls',
      message: `TLS with ${host} failed: ${tlsText(code, message)}.`,
      hint: 'Give the server a certificate that this machine trusts. For a certificate authority of your own, set NODE_EXTRA_CA_CERTS to its PEM file in the environment of this program.',
    }
  if (code === 'ETIMEDOUT' || code === 'ABORT_ERR' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH')
    return {
      cause: 'push-unreachable',
      message: `${host} does not answer.`,
      hint: 'Check the network of this machine, the address in url, and firewalls on the way.',
    }
  return {
    cause: 'push-no-response',
    message: `${host} sent no response of HTTP (${code === '' ? 'no code' : code}).`,
    hint: 'Check scheme and port in url: https: and http: use different ports.',
  }
}

function tlsText(code: string, message: string): string {
  if (code === 'CERT_HAS_EXPIRED') return 'its certificate has expired'
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'its certificate is for another name'
  if (/SELF_SIGNED|UNABLE_TO_/.test(code))
    return `its certificate is of an authority that is not trusted (${code})`
  if (/wrong version number/i.test(message)) return 'it speaks plain HTTP on this port'
  return code
}

export const tooLong = (host: string, maxBytes: number): PushProblem => ({
  cause: 'push-answer-too-large',
  message: `${host} sent more than ${maxBytes} bytes.`,
  hint: 'Check that url is the WHIP address of the server: a session description is much shorter.',
})
