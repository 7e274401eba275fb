import { expect, test } from 'vitest'
import { exampleSystem } from '../../test/standin/system.js'
import { checkConfiguration } from './configuration.js'

const INSTALLED = '/etc/rpi-webrtc/config.toml'
const installed = exampleSystem({ files: { [INSTALLED]: '' }, closed: [INSTALLED] })

test('the file that is looked at is named', async () =>
  expect(await checkConfiguration({ source: 'a.toml', onShow: undefined }, installed)).toMatchObject({
    status: 'ok',
    detail: 'a.toml',
  }))

test('who looks at the defaults beside an installed service is told how to look at its own', async () => {
  const defaults = { source: 'the defaults', onShow: undefined }
  expect(await checkConfiguration(defaults, installed)).toMatchObject({
    status: 'warning',
    mend: `sudo rpi-webrtc doctor --config ${INSTALLED}`,
  })
  expect(await checkConfiguration(defaults, exampleSystem())).toMatchObject({ status: 'ok' })
})

test('a password that every user can read is a warning with its mend', async () => {
  const onShow = 'every user of this machine can read server.password: sudo chmod 640 a.toml'
  expect(await checkConfiguration({ source: 'a.toml', onShow }, installed)).toEqual({
    id: 'configuration',
    status: 'warning',
    title: 'configuration',
    detail: 'every user of this machine can read server.password',
    mend: 'sudo chmod 640 a.toml',
  })
})
