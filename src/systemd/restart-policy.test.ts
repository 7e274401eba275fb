import { expect, test } from 'vitest'
import type { exec } from '../lib/exec.js'
import { whyNotRestarted } from './restart-policy.js'

const asked: string[][] = []
const answering =
  (stdout: string): typeof exec =>
  async (file, args) => {
    asked.push([file, ...args])
    return await Promise.resolve({ code: 0, stdout, stderr: '' })
  }
const why = async (cgroup: string, restart: string, env = { INVOCATION_ID: 'a' } as Record<string, string>) =>
  await whyNotRestarted({
    env,
    readCgroup: async () => await Promise.resolve(cgroup),
    run: answering(restart),
  })

test('a service with Restart=always is started again', async () => {
  expect(await why('0::/system.slice/rpi-webrtc.service\n', 'always\n')).toBeUndefined()
  expect(asked.at(-1)).toEqual(['systemctl', 'show', '--property=Restart', '--value', 'rpi-webrtc.service'])
})

test('a service of a user is asked of the manager of that user', async () => {
  const cgroup = '0::/user.slice/user-1000.slice/user@1000.service/app.slice/cams.service\n'
  const env = { INVOCATION_ID: 'a', MANAGERPID: '900' }
  expect(await why(cgroup, 'on-failure\n', env)).toContain('cams.service has no Restart=always')
  expect(asked.at(-1)).toContain('--user')
})

test.each([
  ['a shell', '0::/user.slice/user-1000.slice/session-3.scope\n', {}],
  ['a container', '0::/\n', {}],
  ['a shell within a service', '0::/system.slice/ssh.service\n', {}],
])('%s does not start it again', async (_, cgroup, env) => {
  const before = asked.length
  expect(await why(cgroup, 'always', env)).toContain('not started by systemd')
  expect(asked.length).toBe(before)
})
