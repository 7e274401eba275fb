/** What a bench needs of the machine beside Node.js. */
export interface Requirements {
  /** Program -> Debian package. */
  programs?: Readonly<Record<string, string>>
  root?: boolean
  cores?: number
}

export interface Host {
  isInstalled(program: string): boolean
  uid: number
  cores: number
}

/** One line that says what is missing and how to get it; undefined if nothing is. */
export function missingRequirement(
  { programs = {}, root = false, cores = 1 }: Requirements,
  host: Host,
): string | undefined {
  const missing = Object.keys(programs).filter((program) => !host.isInstalled(program))
  if (missing.length > 0) {
    const packages = [...new Set(missing.map((program) => programs[program]))]
    return `This bench needs ${missing.join(', ')}: sudo apt install ${packages.join(' ')}`
  }
  if (root && host.uid !== 0) return 'This bench needs root: run it with sudo.'
  if (host.cores < cores) return `This bench needs ${cores} CPU cores, and this machine has ${host.cores}.`
  return undefined
}
