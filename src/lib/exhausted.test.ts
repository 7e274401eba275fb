import { expect, test } from 'vitest'
import { exhaustedError, exhaustionIn, exhaustionInText } from './exhausted.js'

const systemError = (code: string, syscall: string, message = `${syscall} ${code}`): Error =>
  Object.assign(new Error(message), { code, syscall })

test.each([
  [systemError('EMFILE', 'open', "EMFILE: too many open files, open '/etc/x'"), 'out-of-descriptors'],
  [systemError('EMFILE', 'bind', 'bind EMFILE 127.0.0.1'), 'out-of-descriptors'],
  [systemError('ENFILE', 'spawn setpriv'), 'out-of-descriptors'],
  [systemError('EAGAIN', 'spawn setpriv'), 'out-of-processes'],
  [systemError('ENOMEM', 'spawn'), 'out-of-memory'],
  [systemError('EAGAIN', 'read'), undefined],
  [systemError('ENOENT', 'open', "ENOENT: no such file or directory, open '/EMFILE/ENOMEM'"), undefined],
  [new TypeError('Cannot read properties of undefined'), undefined],
  [undefined, undefined],
])('%s is %s', (error, cause) => expect(exhaustionIn(error)?.cause).toBe(cause))

test.each([
  ['GLib-ERROR **: 18:44:38.340: Creating pipes for GWakeup: Too many open files', /LimitNOFILE/],
  [
    'gst-launch-1.0: error while loading shared libraries: libz.so.1: cannot open shared object file: Error 24',
    /LimitNOFILE/,
  ],
  ['system error: Too many open files in system', /fs\.file-max/],
  ['GLib-ERROR **: ../glib/gmem.c:106: failed to allocate 3110400 bytes', /swap/],
])('%s: the hint names the limit', (output, hint) => expect(exhaustionInText(output)?.hint).toMatch(hint))

test.each(['Failed to allocate memory', 'VIDIOC_STREAMON: No space left on device', ''])(
  '%j is no word of it',
  (output) => expect(exhaustionInText(output)).toBeUndefined(),
)

test('the error contains the failed action, the resource and the hint', () => {
  expect(exhaustedError('config.toml cannot be read', systemError('EMFILE', 'open'))?.message).toBe(
    'config.toml cannot be read: rpi-webrtc has reached its limit of open files and sockets. ' +
      'Raise LimitNOFILE in its unit (sudo systemctl edit rpi-webrtc), or ulimit -n in the shell that starts it.',
  )
  expect(exhaustedError('config.toml cannot be read', systemError('EISDIR', 'read'))).toBeUndefined()
})
