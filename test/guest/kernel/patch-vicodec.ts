/**
 * Turns vicodec-core.c of the kernel into a stateful H.264 encoder with the controls of a Raspberry Pi's bcm2835-codec, so that the
 * real v4l2h264enc drives it. fake-h264.h makes the pictures. Changes of the kernel's source are listed as edits, each of which has
 * to fit: a kernel whose vicodec is different is reported by the edit that does not.
 */
export const MODULE = 'fakeh264'

const control = (name: string): string => `V4L2_CID_MPEG_VIDEO_${name}`
const value = (name: string): string => `V4L2_MPEG_VIDEO_${name}`

function range(name: string, min: number, max: number, step: number, preset: number): string {
  return `\t\tv4l2_ctrl_new_std(hdl, &vicodec_ctrl_ops, ${control(name)}, ${min}, ${max}, ${step}, ${preset});\n`
}

function menu(name: string, max: string, skipped: string, preset: string): string {
  const values = `${value(max)}, ${skipped}, ${value(preset)}`
  return `\t\tv4l2_ctrl_new_std_menu(hdl, &vicodec_ctrl_ops, ${control(name)}, ${values});\n`
}

function profilesExcept(): string {
  const offered = ['BASELINE', 'CONSTRAINED_BASELINE', 'MAIN', 'HIGH']
  return `~(${offered.map((name) => `BIT(${value(`H264_PROFILE_${name}`)})`).join(' | ')})`
}

interface Edit {
  title: string
  find: string | RegExp
  put: string
}

const EDITS: Edit[] = [
  {
    title: 'the coded format is H.264',
    find: /\bV4L2_PIX_FMT_FWHT\b/g,
    put: 'V4L2_PIX_FMT_H264',
  },
  {
    title: 'the name',
    find: /(#define VICODEC_NAME\s+)"vicodec"/,
    put: `$1"${MODULE}"`,
  },
  {
    // bcm2835-codec: from 32x32 in steps of 2.
    title: 'the smallest size',
    find: /(#define MIN_(?:WIDTH|HEIGHT)\s+)\d+U/g,
    put: '$132U',
  },
  {
    title: 'the steps between sizes',
    find: /(stepwise\.step_(?:width|height) = )8;/g,
    put: '$12;',
  },
  {
    title: 'sizes are rounded to the step, and parameters that refuse the encoder or stall it',
    find: '#include "codec-v4l2-fwht.h"\n',
    put: `#include "codec-v4l2-fwht.h"
#include "fake-h264.h"

#undef vic_round_dim
#define vic_round_dim(dim, div) round_up(dim, 2)

static bool refuse;
module_param(refuse, bool, 0644);
MODULE_PARM_DESC(refuse, " starting the encoder fails, as without contiguous memory");

static bool stall;
module_param(stall, bool, 0644);
MODULE_PARM_DESC(stall, " the encoder accepts pictures and returns none");
`,
  },
  {
    title: 'the state of the encoder',
    find: /(struct vicodec_ctx \{[^}]*)\};/,
    put: '$1\tstruct fake_h264\tfake;\n};',
  },
  {
    title: 'the pictures',
    find: /\t\tcomp_sz_or_errcode = v4l2_fwht_encode\([^;]*;\n/,
    put: `		{
			struct fake_h264_picture picture = {
				.luma = p_src,
				.stride = state->stride,
				.step = state->info->luma_alpha_step,
				.width = state->visible_width,
				.height = state->visible_height,
			};
			bool key;

			comp_sz_or_errcode = fake_h264_encode(&ctx->fake, &picture, p_dst,
							      vb2_plane_size(&dst_vb->vb2_buf, 0), &key);
			dst_vb->flags &= ~(V4L2_BUF_FLAG_KEYFRAME | V4L2_BUF_FLAG_PFRAME);
			dst_vb->flags |= key ? V4L2_BUF_FLAG_KEYFRAME : V4L2_BUF_FLAG_PFRAME;
		}
`,
  },
  {
    title: 'the stalled encoder',
    find: '\tif (ctx->is_stateless || ctx->is_enc || ctx->comp_has_frame)',
    put: `\tif (ctx->is_enc && stall)
		return 0;
	if (ctx->is_stateless || ctx->is_enc || ctx->comp_has_frame)`,
  },
  {
    title: 'the refused start',
    find: /(static int vicodec_start_streaming\([^{]*\{[^}]*?\n)(\tchroma_div = )/,
    put: `$1	if (ctx->is_enc && refuse) {
		vicodec_return_bufs(q, VB2_BUF_STATE_QUEUED);
		return -ENOMEM;
	}
	if (ctx->is_enc)
		ctx->fake.frames = 0;
$2`,
  },
  {
    title: 'what the controls do',
    find: /(static int vicodec_s_ctrl\([^{]*\{[^]*?)(\tswitch \(ctrl->id\) \{\n)/,
    put: `$1	if (ctx->is_enc)
		pr_info("${MODULE}: %s = %d\\n", ctrl->name, ctrl->val);
$2	case V4L2_CID_MPEG_VIDEO_BITRATE:
		ctx->fake.bitrate = ctrl->val;
		return 0;
	case V4L2_CID_MPEG_VIDEO_H264_I_PERIOD:
		ctx->fake.keyframe_interval = ctrl->val;
		return 0;
	case V4L2_CID_MPEG_VIDEO_REPEAT_SEQ_HEADER:
		ctx->fake.repeat_headers = ctrl->val;
		return 0;
	case V4L2_CID_MPEG_VIDEO_H264_LEVEL:
		ctx->fake.level = fake_h264_levels[ctrl->val];
		return 0;
	case V4L2_CID_MPEG_VIDEO_FORCE_KEY_FRAME:
		ctx->fake.force_keyframe = true;
		return 0;
	case V4L2_CID_MPEG_VIDEO_BITRATE_MODE:
	case V4L2_CID_MPEG_VIDEO_HEADER_MODE:
	case V4L2_CID_MPEG_VIDEO_H264_PROFILE:
	case V4L2_CID_MPEG_VIDEO_H264_MIN_QP:
	case V4L2_CID_MPEG_VIDEO_H264_MAX_QP:
	case V4L2_CID_MPEG_VIDEO_B_FRAMES:
		return 0;
`,
  },
  {
    title: 'level_idc of each level in the menu',
    find: /(?=static int vicodec_s_ctrl\()/,
    put: 'static const u8 fake_h264_levels[] = { 10, 9, 11, 12, 13, 20, 21, 22, 30, 31, 32, 40, 41, 42, 50, 51 };\n\n',
  },
  {
    title: 'room for the controls',
    find: /v4l2_ctrl_handler_init\(hdl, \d+\);/,
    put: 'v4l2_ctrl_handler_init(hdl, 20);',
  },
  {
    // Ranges and defaults of bcm2835-codec; its group of pictures is H264_I_PERIOD.
    title: 'the controls',
    find: /(\tif \(ctx->is_enc\)\n)(\t\tv4l2_ctrl_new_std\(hdl, &vicodec_ctrl_ops,\s+V4L2_CID_MIN_BUFFERS_FOR_OUTPUT[^;]*;\n)/,
    put: `	if (ctx->is_enc) {
${[
  range('BITRATE', 25_000, 25_000_000, 25_000, 10_000_000),
  range('REPEAT_SEQ_HEADER', 0, 1, 1, 0),
  range('H264_I_PERIOD', 0, 0x7fffffff, 1, 60),
  range('H264_MIN_QP', 0, 51, 1, 20),
  range('H264_MAX_QP', 0, 51, 1, 51),
  range('B_FRAMES', 0, 0, 1, 0),
  range('FORCE_KEY_FRAME', 0, 0, 0, 0),
  menu('BITRATE_MODE', 'BITRATE_MODE_CBR', '0', 'BITRATE_MODE_VBR'),
  menu('HEADER_MODE', 'HEADER_MODE_JOINED_WITH_1ST_FRAME', '0', 'HEADER_MODE_JOINED_WITH_1ST_FRAME'),
  menu('H264_LEVEL', 'H264_LEVEL_5_1', '0', 'H264_LEVEL_4_0'),
  menu('H264_PROFILE', 'H264_PROFILE_HIGH', profilesExcept(), 'H264_PROFILE_HIGH'),
].join('')}	}
$1$2`,
  },
]

/** @throws Error that names the edit which does not fit this kernel's source. */
export function patchVicodec(source: string): string {
  return EDITS.reduce((text, { title, find, put }) => {
    const patched = text.replace(find, put)
    if (patched === text)
      throw new Error(`This kernel's vicodec-core.c is not the one that is known: "${title}" does not fit`)
    return patched
  }, source)
}
