import { expect, test } from 'vitest'
import { adviceFor } from './stop-advice.js'

test.each([
  ['a system unit', '0::/system.slice/motion.service\n', 'sudo systemctl stop motion.service'],
  [
    'an instance of one',
    '0::/system.slice/system-camera.slice/camera@2.service\n',
    'sudo systemctl stop camera@2.service',
  ],
  [
    'a unit in version 1',
    '12:pids:/x\n1:name=systemd:/system.slice/motion.service\n',
    'sudo systemctl stop motion.service',
  ],
  [
    'a unit of a user',
    '0::/user.slice/user-1000.slice/user@1000.service/app.slice/obs.service\n',
    'systemctl --user stop obs.service',
  ],
  ['a login', '0::/user.slice/user-1000.slice/session-3.scope\n', 'kill 700'],
  [
    'a terminal window',
    '0::/user.slice/user-1000.slice/user@1000.service/app.slice/vte-spawn-1.scope\n',
    'kill 700',
  ],
  ['a cron job', '0::/system.slice/cron.service\n', 'kill 700'],
  ['a container', '0::/system.slice/docker-0123456789abcdef0123.scope\n', 'docker stop 0123456789ab'],
  ['a container in version 1', '1:name=systemd:/docker/0123456789abcdef0123\n', 'docker stop 0123456789ab'],
  ['a system without systemd', '0::/\n', 'kill 700'],
  ['a process that has gone', '', 'kill 700'],
])('a process of %s', (_what, cgroup, advice) => expect(adviceFor(700, cgroup)).toBe(advice))
