import { constants } from 'node:fs'
import { access, readdir, readFile, readlink, realpath, stat, statfs } from 'node:fs/promises'
import { Resolver } from 'node:dns/promises'
import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os'
import type { Env } from '../lib/env.js'
import { exec, type ExecResult } from '../lib/exec.js'
import { probePort } from '../lib/probe-port.js'
import type { FileOwner } from '../lib/file-access.js'
import { chooseSrtp } from '../srtp/choice.js'
import type { SrtpChoice } from '../srtp/stream.js'
import { openUdpBatches } from '../udp/open.js'
import { askDns } from '../viewer/transport/announced-names.js'
import { getJson, type LocalRequest } from './get-json.js'
import { probeMapping, type MappingAnswer } from './mapping-probe.js'
import { probeStun, type StunAnswer } from './stun-probe.js'

/** Access to the machine. No function throws: an unavailable value is undefined or empty. */
export interface System {
  readText(path: string): Promise<string | undefined>
  /** The names in a folder. */
  list(folder: string): Promise<string[]>
  linkTarget(path: string): Promise<string | undefined>
  /** The path with all symbolic links resolved. */
  resolve(path: string): Promise<string | undefined>
  /** Whether this user may read and write it. */
  access(path: string): Promise<'open' | 'closed' | 'missing'>
  ownerOf(path: string): Promise<FileOwner | undefined>
  /** Free space of the file system of a folder. */
  freeBytes(folder: string): Promise<number | undefined>
  /** Runs a program, and kills it after five seconds. */
  run(file: string, args: string[]): Promise<ExecResult>
  bindError(port: number, protocol: 'udp' | 'tcp', host: string): Promise<string | undefined>
  /** Its addresses according to DNS. */
  resolveName(name: string): Promise<string[]>
  askStun(server: string): Promise<StunAnswer>
  /** How a router maps the port, or another one if a program uses it. */
  askMapping(server: string, port: number): Promise<MappingAnswer>
  /** The library through which several packets share a system call; otherwise why each library is unusable. */
  udpLibrary(): Promise<{ via: string | undefined; unusable: Record<string, string> }>
  /** How packets are protected, as measured now. */
  srtpChoice(): Promise<SrtpChoice>
  /** The answer of a server of this machine. */
  getJson(request: LocalRequest): Promise<unknown>
  interfaces(): NodeJS.Dict<NetworkInterfaceInfo[]>
  nowMs(): number
  env: Env
}

const COMMAND_LIMIT_MS = 5000
const DNS_PATIENCE = { timeout: 3000, tries: 1 }

export function realSystem(env: Env): System {
  // iw, nft and ufw are in folders that may be missing in a user's PATH.
  const tools = { ...env, LC_ALL: 'C', PATH: `${env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin` }
  return {
    readText: async (path) => await readFile(path, 'utf8').catch(() => undefined),
    list: async (folder) => await readdir(folder).catch(() => []),
    linkTarget: async (path) => await readlink(path).catch(() => undefined),
    resolve: async (path) => await realpath(path).catch(() => undefined),
    access: async (path) => {
      if (!(await may(path, constants.F_OK))) return 'missing'
      return (await may(path, constants.R_OK | constants.W_OK)) ? 'open' : 'closed'
    },
    ownerOf: async (path) => await stat(path).catch(() => undefined),
    freeBytes: async (folder) =>
      await statfs(folder).then(
        ({ bavail, bsize }) => bavail * bsize,
        () => undefined,
      ),
    run: async (file, args) => await exec(file, args, tools, COMMAND_LIMIT_MS),
    bindError: probePort,
    resolveName: async (name) => {
      const { ipv4 = [], ipv6 = [] } = await askDns(new Resolver(DNS_PATIENCE), name)
      return [...ipv4, ...ipv6]
    },
    askStun: async (server) => await probeStun(server),
    askMapping: async (server, port) => await probeMapping(server, port),
    udpLibrary: async () => {
      const { batches, unusable } = await openUdpBatches()
      return { via: batches.via, unusable }
    },
    srtpChoice: chooseSrtp,
    getJson,
    interfaces: networkInterfaces,
    nowMs: Date.now,
    env,
  }
}

const may = async (path: string, mode: number): Promise<boolean> =>
  await access(path, mode).then(
    () => true,
    () => false,
  )
