import { describe, expect, test } from 'vitest'
import { parseConfig } from './parse.js'

const camera = '[camera1]\ndevice = "test:ball"\n'
const webrtc = (lines: string) => parseConfig(`${camera}[webrtc]\n${lines}\n`, 'config.toml').webrtc
const problem = (lines: string): string => {
  try {
    webrtc(lines)
  } catch (error) {
    return (error as { problems?: string[]; message: string }).message
  }
  throw new Error('no problem')
}

test.each([
  ['turn:turn.example.org', 'turn:turn.example.org:3478?transport=udp'],
  ['turn:turn.example.org:443?transport=TCP', 'turn:turn.example.org:443?transport=tcp'],
  ['turns:turn.example.org', 'turns:turn.example.org:5349?transport=tcp'],
  ['turn://[2001:db8::1]:3478', 'turn:[2001:db8::1]:3478?transport=udp'],
])('%s is the TURN server %s', (written, uri) =>
  expect(webrtc(`turn-servers = ["${written}"]\nturn-secret = "north"`).turnServers).toEqual([uri]),
)

describe('is a problem:', () => {
  test.each([
    ['turn-servers = ["stun:a.example"]', 'is a STUN server: write it as webrtc.stun-server'],
    ['turn-servers = ["turn.example.org"]', 'write one such as "turn:turn.example.org:3478?transport=udp"'],
    ['turn-servers = ["turn:a.example:99999"]', 'has port 99999'],
    ['turn-servers = ["turn:[::g]:1"]', 'is not a TURN server'],
    [
      'turn-servers = ["turn:a.example"]',
      'needs webrtc.turn-secret, or webrtc.turn-username and turn-password',
    ],
    ['turn-secret = "north"', 'does nothing without webrtc.turn-servers'],
    [
      'turn-servers = ["turn:a.example"]\nturn-username = "anna"',
      'does nothing without webrtc.turn-password',
    ],
    [
      'turn-servers = ["turn:a.example"]\nturn-secret = "s"\nturn-username = "anna"\nturn-password = "p"',
      'cannot be used with webrtc.turn-secret',
    ],
    ['stun-server = "turn:turn.example.org:3478?transport=tcp"', 'a TURN server as webrtc.turn-servers'],
  ])('%s', (lines, message) => expect(problem(lines)).toContain(message))

  test('a secret is never shown', () => {
    const shown = problem('turn-servers = ["turn:a.example"]\nturn-secret = "sécret-of-the-north"')
    expect(shown).toContain('turn-secret')
    expect(shown).not.toContain('north')
  })
})
