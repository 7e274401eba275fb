import type { ErrorAnswer } from './error-response.js'

/** The answer to a request that Node's parser rejects. @param code of Node's error. */
export function parserError(code: string | undefined, maxHeaderBytes: number): ErrorAnswer {
  if (code === 'HPE_HEADER_OVERFLOW')
    return {
      status: 431,
      code: 'headers-too-large',
      message: `the headers are longer than ${maxHeaderBytes} bytes`,
    }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return { status: 408, code: 'request-timeout', message: 'the request took too long to arrive' }
  return { status: 400, code: 'bad-request', message: 'the request is not valid HTTP' }
}
