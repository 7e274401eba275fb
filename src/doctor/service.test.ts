import { expect, test } from 'vitest'
import { exampleSystem } from '../../test/fakes/system.js'
import { checkService, serviceUser } from './service.js'

const UNIT = '/etc/systemd/system/rpi-webrtc.service'
const nobody = { holdersOf: async () => await Promise.resolve([]), server: undefined }
const machine = (unit: string, members = '') =>
  exampleSystem({
    files: {
      [UNIT]: unit,
      '/etc/passwd': 'rpi-webrtc:x:999:998::/var/lib/rpi-webrtc:/usr/sbin/nologin\n',
      '/etc/group': `video:x:44:${members}\nrpi-webrtc:x:998:\n`,
    },
  })
const ofVideo = '[Service]\nUser=rpi-webrtc\nSupplementaryGroups=video render\n'

test('without a service and a process nothing is reported', async () =>
  expect(await checkService(exampleSystem(), nobody)).toEqual([]))

test('the running rpi-webrtc is reported', async () => {
  const server = { pid: 812, name: 'rpi-webrtc', isOurs: true }
  expect(await checkService(machine(ofVideo), { ...nobody, server })).toEqual([
    { id: 'service', status: 'ok', title: 'rpi-webrtc', detail: 'is running (process 812)' },
  ])
})

test('a service whose user is not in the group video is a warning', async () => {
  const unit = '[Service]\nUser=rpi-webrtc\n'
  expect(await checkService(machine(unit), nobody)).toMatchObject([
    { status: 'warning', hint: 'sudo usermod -aG video rpi-webrtc; sudo systemctl restart rpi-webrtc' },
  ])
  expect(await checkService(machine(unit, 'pi,rpi-webrtc'), nobody)).toEqual([])
  expect(await checkService(machine(ofVideo), nobody)).toEqual([])
})

test('a service whose user does not exist is a warning', async () =>
  expect(await checkService(exampleSystem({ files: { [UNIT]: ofVideo } }), nobody)).toMatchObject([
    { status: 'warning', detail: 'its user rpi-webrtc does not exist' },
  ]))

test('the user of the service is found with its groups', async () => {
  expect(await serviceUser(machine(ofVideo, 'rpi-webrtc'))).toEqual({
    name: 'rpi-webrtc',
    uid: 999,
    gids: [998, 44],
  })
  expect(await serviceUser(exampleSystem())).toBeUndefined()
})
