/** `a=fmtp` parameters of H.264 (RFC 6184 section 8.1), without those that describe the other side's stream. */
interface H264Parameters {
  /** Undefined if the offer does not name it. RFC 6184 then means 0, yet WebRTC clients that omit it accept mode 1. */
  packetizationMode: string | undefined
  /** Six hex digits in lower case: profile_idc, constraint flags, level_idc. */
  profileLevelId: string
  allowsLevelAsymmetry: boolean
}

/** RFC 6184 section 8.1: the profile of a stream without the parameter. */
const DEFAULT_PROFILE_LEVEL_ID = '42000a'

/** Constrained baseline, level 3.1: the profile that the encoders of this program produce. */
export const PROFILE_LEVEL_ID = '42e01f'

export function parseH264Parameters(fmtp = ''): H264Parameters {
  const values = new Map<string, string>()
  for (const parameter of fmtp.split(';')) {
    const [name = '', value = ''] = parameter.split('=', 2).map((part) => part.trim().toLowerCase())
    if (!values.has(name)) values.set(name, value)
  }
  const profileLevelId = values.get('profile-level-id') ?? ''
  return {
    packetizationMode: values.get('packetization-mode'),
    profileLevelId: /^[0-9a-f]{6}$/.test(profileLevelId) ? profileLevelId : DEFAULT_PROFILE_LEVEL_ID,
    allowsLevelAsymmetry: values.get('level-asymmetry-allowed') === '1',
  }
}

/**
 * Ranks an offered format: constrained baseline, which the cameras send, before baseline, then main and high, which play it too.
 * Formats without a packetization mode come after those with mode 1.
 * @returns 0 if the client cannot receive the stream.
 */
export function h264Rank(fmtp: string | undefined): number {
  const { packetizationMode, profileLevelId } = parseH264Parameters(fmtp)
  const byProfile = profileRank(profileLevelId)
  if (byProfile === 0) return 0
  if (packetizationMode === '1') return byProfile + PROFILES
  return packetizationMode === undefined ? byProfile : 0
}

const PROFILES = 3

function profileRank(profileLevelId: string): number {
  if (profileLevelId.startsWith('42e0')) return 3
  if (profileLevelId.startsWith('42')) return 2
  return profileLevelId.startsWith('4d') || profileLevelId.startsWith('64') ? 1 : 0
}

/**
 * The answer's `a=fmtp` describes our stream (RFC 6184 section 8.2.2). A copy of the offer's would claim the client's level, and
 * sprop-parameter-sets of another stream, with which decoders would start.
 */
export function answeredH264Fmtp(offered: string | undefined): string {
  const { allowsLevelAsymmetry } = parseH264Parameters(offered)
  return [
    ...(allowsLevelAsymmetry ? ['level-asymmetry-allowed=1'] : []),
    'packetization-mode=1',
    `profile-level-id=${PROFILE_LEVEL_ID}`,
  ].join(';')
}

/** They go into one packet, with a length before each. */
const MAX_SETS = 8
const MAX_SETS_BYTES = 1000
const SPS = 7
const PPS = 8

/**
 * The SPS and PPS of `sprop-parameter-sets` (RFC 6184 section 8.1), for streams that do not repeat them.
 * @returns none unless there is one of both, and all of them are parameter sets and fit into a packet.
 */
export function parameterSetsOf(fmtp = ''): Buffer[] {
  const [, list] = /(?:^|;)\s*sprop-parameter-sets=([\w+/=,-]*)/i.exec(fmtp) ?? []
  const sets = (list ?? '').split(',', MAX_SETS + 1).map((set) => Buffer.from(set, 'base64'))
  const has = (type: number): boolean => sets.some((set) => typeOf(set) === type)
  const bytes = sets.reduce((sum, { length }) => sum + length, 0)
  const areUsable = sets.every((set) => [SPS, PPS].includes(typeOf(set))) && has(SPS) && has(PPS)
  return areUsable && sets.length <= MAX_SETS && bytes <= MAX_SETS_BYTES ? sets : []
}

/** Without the bits that no parameter set has. */
const typeOf = (set: Buffer): number => (((set[0] ?? 0x80) & 0x80) === 0 ? set[0]! & 0x1f : 0)
