import { readdir, readFile, realpath } from 'node:fs/promises'
import type { Env } from '../../lib/env.js'
import { exec } from '../../lib/exec.js'
import type { NodeFacts } from './metadata-node.js'

/** A driver that hangs must not keep the camera from an attempt to start. */
const DESCRIBE_LIMIT_MS = 3000

export const realNodeFacts = (env: Env): NodeFacts => ({
  resolve: async (path) => await realpath(path).catch(() => undefined),
  readText: async (path) => await readFile(path, 'utf8').catch(() => undefined),
  list: async (folder) => await readdir(folder).catch(() => []),
  describe: async (node) => {
    const { code, stdout } = await exec('v4l2-ctl', ['-d', node, '--info'], env, DESCRIBE_LIMIT_MS)
    return code === 0 ? stdout : undefined
  },
})
