import { AppError } from '../../errors.js'
import type { VideoCodec } from '../../rtp/packet.js'
import { h264Rank, parseH264Parameters } from './h264-format.js'
import type { Section } from './sdp.js'

/** @throws AppError `no-common-codec` */
export function chooseCodec(video: Section, codec: VideoCodec): Section['codecs'][number] {
  const best = video.codecs
    .filter(({ name, rate }) => name.toLowerCase() === codec && rate === 90_000)
    .map((offered) => ({ offered, rank: codec === 'vp8' ? 1 : h264Rank(offered.fmtp) }))
    .filter(({ rank }) => rank > 0)
    .sort((a, b) => b.rank - a.rank)[0]
  if (best === undefined) throw noCommonCodec(video, codec)
  return best.offered
}

/** RFC 4588 section 8.6: `apt` is the payload type of the original stream. */
export const isRtxOf = ({ name, fmtp = '' }: Section['codecs'][number], original: number): boolean =>
  name.toLowerCase() === 'rtx' && /(?:^|;)\s*apt=(\d+)\s*(?:;|$)/.exec(fmtp)?.[1] === String(original)

const codecNames: Record<VideoCodec, string> = {
  vp8: 'VP8',
  h264: 'H.264 (constrained baseline, packetization mode 1)',
}

function noCommonCodec(video: Section, codec: VideoCodec): AppError {
  const helpers = ['rtx', 'red', 'ulpfec', 'flexfec-03']
  const names = new Set(
    video.codecs.map(({ name }) => name).filter((name) => !helpers.includes(name.toLowerCase())),
  )
  const list = [...names].slice(0, 10).join(', ').slice(0, 200) || 'no codec'
  const offersMode0 =
    codec === 'h264' &&
    video.codecs.some(
      ({ name, fmtp }) => name.toLowerCase() === codec && parseH264Parameters(fmtp).packetizationMode === '0',
    )
  const mode = offersMode0 ? '; its H264 has packetization-mode=0, so offer packetization-mode=1' : ''
  return new AppError(
    'no-common-codec',
    406,
    `the camera sends ${codecNames[codec]}, the browser can receive ${list}${mode}`,
  )
}
