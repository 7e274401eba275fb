import { expect, test } from 'vitest'
import { runProgram, startProgram, until } from '../support/program.js'
import { watch } from '../support/watcher.js'

/** A CPU without WebAssembly SIMD: x86 without SSE4.1. Elsewhere V8 has no such flag, and the check at start is replaced. */
const nodeFlags =
  process.arch === 'x64'
    ? ['--no-enable-sse4-1']
    : ['--import', 'data:text/javascript,WebAssembly.validate = () => false']
const tables =
  '[camera1]\ndevice = "test:ball"\nwidth = 320\nheight = 240\nfps = 15\nwebrtc-port = $PORT1\n[webrtc]\nudp-port = $UDP\n'

test('without WebAssembly SIMD --version works', async () => {
  const { code, stdout, stderr } = await runProgram(['--version'], {}, nodeFlags)
  expect(stdout).toMatch(/\d+\.\d+\.\d+/)
  expect([code, stderr]).toEqual([0, ''])
})

test('without WebAssembly SIMD a viewer gets frames that it can decrypt', async () => {
  await using program = await startProgram({ tables, args: ['--test-mode'], nodeFlags })
  expect(program.output()).toMatch(/WARN.*no WebAssembly SIMD; SRTP uses OpenSSL/)
  await using viewer = await watch(program.url, 'camera1')
  await until(() => viewer.seen().frames >= 30, 20_000)
  expect(viewer.seen().backward).toBe(0)
  const metrics = await (await fetch(`${program.url}/metrics`)).text()
  expect(metrics).toContain('\nrpi_webrtc_srtp_info{implementation="openssl"} 1\n')
})

test('with WebAssembly SIMD the log and /metrics name it', async () => {
  await using program = await startProgram({ tables, args: ['--test-mode'] })
  expect(program.output()).toMatch(/INFO.*SRTP: WebAssembly SIMD/)
  const metrics = await (await fetch(`${program.url}/metrics`)).text()
  expect(metrics).toContain('\nrpi_webrtc_srtp_info{implementation="simd"} 1\n')
  expect(metrics).toMatch(
    /\nrpi_webrtc_srtp_aes_info\{implementation="(?:openssl|simd)",profile="aes-(?:cm|gcm)"\} 1\n/,
  )
  expect(metrics).toMatch(/\nrpi_webrtc_udp_send_info\{implementation="(?:node:ffi|koffi)"\} 1\n/)
})
