import type { ExecResult } from '../../src/lib/exec.js'
import type { System } from '../../src/doctor/system.js'

export interface SystemFacts {
  /** Path -> content. */
  files?: Record<string, string>
  /** Path -> names in it. */
  folders?: Record<string, string[]>
  /** Path -> where it leads to. */
  links?: Record<string, string>
  /** The command line -> what it prints, or all it comes to. Others are not installed. */
  commands?: Record<string, string | ExecResult>
  /** Paths that are there and that this user may not open. */
  closed?: string[]
  /** Path -> owner and mode; what is not here is everybody's. */
  owners?: Record<string, { uid: number; gid: number; mode: number }>
  /** `8080/tcp` -> why it cannot be had. */
  ports?: Record<string, string>
  about?: Partial<System>
}

/** A machine that is made of what its tools and files say. */
export function exampleSystem({
  files = {},
  folders = {},
  links = {},
  commands = {},
  closed = [],
  owners = {},
  ports = {},
  about = {},
}: SystemFacts = {}): System {
  const later = async <T>(value: T): Promise<T> => await Promise.resolve(value)
  const isThere = (path: string): boolean => path in files || path in folders || path in links
  return {
    readText: (path) => later(closed.includes(path) ? undefined : files[path]),
    list: (folder) => later(folders[folder] ?? []),
    linkTarget: (path) => later(links[path]),
    resolve: (path) => later(links[path] ?? (isThere(path) ? path : undefined)),
    access: (path) => later(closed.includes(path) ? 'closed' : isThere(path) ? 'open' : 'missing'),
    ownerOf: (path) => later(owners[path]),
    freeBytes: (folder) => later(folder in folders ? 1e9 : undefined),
    run: (file, args) => {
      const said = commands[[file, ...args].join(' ')]
      if (typeof said === 'object') return later(said)
      return later({ code: said === undefined ? undefined : 0, stdout: said ?? '', stderr: '' })
    },
    bindError: (port, protocol) => later(ports[`${port}/${protocol}`]),
    resolveName: () => later([]),
    askStun: () => later({ kind: 'silent' }),
    askMapping: () => later({ kind: 'silent' }),
    srtpChoice: () =>
      later({
        implementation: 'simd',
        aes: 'openssl',
        profiles: [1, 7],
        costs: { openssl: 0.53, simd: 2.3, aesCm: 2, aesGcm: 9 },
      }),
    udpLibrary: () => later({ via: 'koffi', unusable: {} }),
    getJson: () => later(undefined),
    interfaces: () => ({}),
    nowMs: () => Date.parse('2026-06-15T12:00:00Z'),
    env: {},
    ...about,
  }
}

/** What a command comes to that fails. */
export const fails = (stderr: string, code = 1): ExecResult => ({ code, stdout: '', stderr })
