import { expect, test } from 'vitest'
import { parseEvent, type CaseResult } from './guest/events.js'
import { chooseRelease } from './guest/host/kernel.js'
import { missingPackages } from './guest/host/needs.js'
import { isGood, report } from './guest/host/report.js'
import { patchVicodec } from './guest/kernel/patch-vicodec.js'

const passed: CaseResult = { verdict: 'passed', seen: '60 frames', tookS: 12.4 }
const failed: CaseResult = { verdict: 'failed', problem: 'no picture', tookS: 3 }
const impossible: CaseResult = { verdict: 'impossible', reason: 'libcamera 0.0.3 has none', tookS: 0 }

test('a run is good when a case passed and none failed', () => {
  const run = (...results: CaseResult[]) =>
    new Map(results.map((result, index): [string, CaseResult] => [String(index), result]))
  expect(isGood(run(passed, impossible))).toBe(true)
  expect(isGood(run(passed, failed))).toBe(false)
  expect(isGood(run(impossible))).toBe(false)
  expect(isGood(run())).toBe(false)
})

test('the report has a row for each case, and counts them', () =>
  expect(
    report(
      new Map<string, CaseResult>([
        ['vp8', passed],
        ['unplugged', failed],
        ['second pad', impossible],
      ]),
    ),
  ).toEqual([
    'case        verdict     time  seen',
    'vp8         passed      12 s  60 frames',
    'unplugged   failed       3 s  no picture',
    'second pad  impossible   0 s  libcamera 0.0.3 has none',
    '1 passed, 1 failed, 1 not possible with these versions',
  ]))

test('the newest kernel with headers is chosen, by number and not by letter', () => {
  expect(
    chooseRelease([
      'linux-headers-6.1.0-9-amd64',
      'linux-headers-6.1.0-57-amd64',
      'linux-headers-6.1.0-57-common',
      'linux-kbuild-6.1',
    ]),
  ).toBe('6.1.0-57-amd64')
  expect(() => chooseRelease(['linux-kbuild-6.1'])).toThrow('apt-get install linux-headers-amd64')
})

test('a missing file is reported as the package that has it, on the machine or in the other root', () => {
  const has = (path: string) => !/qemu|\/srv\/debian-13\/usr\/bin\/v4l2-ctl/.test(path)
  expect(missingPackages('/srv/debian-13', has)).toEqual({ host: ['qemu-system-x86'], root: ['v4l-utils'] })
})

test('a kernel with another vicodec is reported by the edit that does not fit', () =>
  expect(() => patchVicodec('#define VICODEC_NAME "vicodec"\n')).toThrow(
    '"the coded format is H.264" does not fit',
  ))

test('a line that is no event, such as a message of the kernel, is skipped', () => {
  expect(parseEvent('{"event":"done"}')).toEqual({ event: 'done' })
  for (const line of ['[   48.9] reboot: Power down', '{"event"', 'null', '7'])
    expect(parseEvent(line)).toBeUndefined()
})
