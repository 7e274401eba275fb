/*
 * A small H.264 encoder for the guest's virtual codec: every 16x16 block is one shade, the mean of its luma samples. The
 * pictures decode (constrained baseline, intra blocks with one coefficient each), so that a test can see what the camera saw.
 * Section numbers are those of ITU-T H.264.
 */
#ifndef FAKE_H264_H
#define FAKE_H264_H

/* With this quantiser a DC coefficient of 1 changes a block by exactly 1 (8.5.10). */
#define FAKE_H264_QP 28
#define FAKE_H264_MAX_BLOCKS 256 /* across a picture of 4096 samples */

struct fake_h264 {
	/* set through V4L2 controls */
	u32 bitrate;
	u32 keyframe_interval;
	u32 repeat_headers;
	u32 level; /* level_idc: 40 is level 4.0 */
	bool force_keyframe;
	/* state */
	u32 frames;
	u32 since_keyframe;
	u32 idr_pic_id;
	u8 above[FAKE_H264_MAX_BLOCKS];
};

struct fake_h264_picture {
	const u8 *luma;
	u32 stride;
	u32 step; /* bytes from one luma sample to the next */
	u32 width;
	u32 height;
};

/* Writes bits, and the emulation prevention bytes between them (7.4.1). */
struct fake_h264_bits {
	u8 *out;
	u32 length;
	u32 zeros;
	u32 pending;
	u32 count;
};

static void fake_h264_byte(struct fake_h264_bits *b, u8 value)
{
	if (b->zeros >= 2 && value <= 3) {
		b->out[b->length++] = 3;
		b->zeros = 0;
	}
	b->out[b->length++] = value;
	b->zeros = value ? 0 : b->zeros + 1;
}

static void fake_h264_put(struct fake_h264_bits *b, u32 value, u32 count)
{
	while (count--) {
		b->pending = (b->pending << 1) | ((value >> count) & 1);
		if (++b->count == 8) {
			fake_h264_byte(b, (u8)b->pending);
			b->pending = 0;
			b->count = 0;
		}
	}
}

/* Exp-Golomb codes, unsigned and signed (9.1). */
static void fake_h264_ue(struct fake_h264_bits *b, u32 value)
{
	u32 bits = 0;

	while (((value + 1) >> bits) > 1)
		bits++;
	fake_h264_put(b, 0, bits);
	fake_h264_put(b, value + 1, bits + 1);
}

static void fake_h264_se(struct fake_h264_bits *b, int value)
{
	fake_h264_ue(b, value > 0 ? 2 * value - 1 : -2 * value);
}

static void fake_h264_begin(struct fake_h264_bits *b, u8 header)
{
	static const u8 start[] = { 0, 0, 0, 1 };

	memcpy(b->out + b->length, start, sizeof(start));
	b->length += sizeof(start);
	b->out[b->length++] = header;
	b->zeros = 0;
	b->pending = 0;
	b->count = 0;
}

static void fake_h264_end(struct fake_h264_bits *b)
{
	fake_h264_put(b, 1, 1);
	while (b->count)
		fake_h264_put(b, 0, 1);
}

static void fake_h264_headers(struct fake_h264_bits *b, const struct fake_h264 *f, u32 width, u32 height)
{
	u32 columns = (width + 15) / 16, rows = (height + 15) / 16;
	bool cropped = width % 16 || height % 16;

	fake_h264_begin(b, 0x67); /* sequence parameter set (7.3.2.1) */
	fake_h264_put(b, 66, 8);
	fake_h264_put(b, 0xc0, 8); /* constrained baseline */
	fake_h264_put(b, f->level, 8);
	fake_h264_ue(b, 0);
	fake_h264_ue(b, 0); /* frame_num has 4 bits */
	fake_h264_ue(b, 2); /* frames are shown in the order in which they are decoded */
	fake_h264_ue(b, 1);
	fake_h264_put(b, 0, 1);
	fake_h264_ue(b, columns - 1);
	fake_h264_ue(b, rows - 1);
	fake_h264_put(b, 3, 2); /* no fields */
	fake_h264_put(b, cropped, 1);
	if (cropped) {
		fake_h264_ue(b, 0);
		fake_h264_ue(b, (columns * 16 - width) / 2);
		fake_h264_ue(b, 0);
		fake_h264_ue(b, (rows * 16 - height) / 2);
	}
	fake_h264_put(b, 0, 1);
	fake_h264_end(b);

	fake_h264_begin(b, 0x68); /* picture parameter set (7.3.2.2) */
	fake_h264_ue(b, 0);
	fake_h264_ue(b, 0);
	fake_h264_put(b, 0, 2); /* CAVLC, no fields */
	fake_h264_ue(b, 0);
	fake_h264_ue(b, 0);
	fake_h264_ue(b, 0);
	fake_h264_put(b, 0, 3);
	fake_h264_se(b, FAKE_H264_QP - 26);
	fake_h264_se(b, 0);
	fake_h264_se(b, 0);
	fake_h264_put(b, 4, 3); /* slices say whether they are deblocked */
	fake_h264_end(b);
}

/* The coefficients of a block, of which all but the first are 0 (9.2). */
static void fake_h264_coefficient(struct fake_h264_bits *b, int level)
{
	u32 code;

	if (level == 0) {
		fake_h264_put(b, 1, 1);
		return;
	}
	if (level == 1 || level == -1) {
		fake_h264_put(b, 1, 2); /* one trailing one */
		fake_h264_put(b, level < 0, 1);
	} else {
		fake_h264_put(b, 5, 6); /* one coefficient, no trailing one */
		code = (level > 0 ? 2 * level - 2 : -2 * level - 1) - 2;
		if (code < 14) {
			fake_h264_put(b, 1, code + 1);
		} else if (code < 30) {
			fake_h264_put(b, 1, 15);
			fake_h264_put(b, code - 14, 4);
		} else {
			fake_h264_put(b, 1, 16);
			fake_h264_put(b, code - 30, 12);
		}
	}
	fake_h264_put(b, 1, 1); /* no zeros before it */
}

static u32 fake_h264_mean(const struct fake_h264_picture *p, u32 column, u32 row)
{
	u32 right = column * 16 + 16 < p->width ? column * 16 + 16 : p->width;
	u32 bottom = row * 16 + 16 < p->height ? row * 16 + 16 : p->height;
	u32 x, y, sum = 0, count = 0;

	for (y = row * 16; y < bottom; y++) {
		const u8 *line = p->luma + y * p->stride;

		for (x = column * 16; x < right; x++, count++)
			sum += line[x * p->step];
	}
	return (sum + count / 2) / count;
}

static void fake_h264_slice(struct fake_h264_bits *b, struct fake_h264 *f, const struct fake_h264_picture *p, bool key)
{
	u32 columns = (p->width + 15) / 16, rows = (p->height + 15) / 16;
	u32 column, row;

	fake_h264_begin(b, key ? 0x65 : 0x41);
	fake_h264_ue(b, 0);
	fake_h264_ue(b, 7); /* intra blocks only (7.3.3) */
	fake_h264_ue(b, 0);
	fake_h264_put(b, f->since_keyframe % 16, 4);
	if (key)
		fake_h264_ue(b, f->idr_pic_id++ % 2);
	fake_h264_put(b, 0, key ? 2 : 1);
	fake_h264_se(b, 0);
	fake_h264_ue(b, 1); /* not deblocked */

	for (row = 0; row < rows; row++) {
		u32 left = 0;

		for (column = 0; column < columns; column++) {
			u32 mean = fake_h264_mean(p, column, row), predicted = 128; /* 8.3.3.3 */

			if (row && column)
				predicted = (f->above[column] + left + 1) / 2;
			else if (row)
				predicted = f->above[column];
			else if (column)
				predicted = left;
			fake_h264_ue(b, 3); /* Intra16x16, DC prediction, no other coefficients */
			fake_h264_ue(b, 0);
			fake_h264_se(b, 0);
			fake_h264_coefficient(b, (int)mean - (int)predicted);
			f->above[column] = mean;
			left = mean;
		}
	}
	fake_h264_end(b);
}

/* Filler data (7.3.2.7) brings a frame to the size that the bit rate asks for, at 30 frames/s. */
static void fake_h264_fill(struct fake_h264_bits *b, u32 size, u32 room)
{
	if (size > room)
		size = room;
	if (b->length + 8 > size)
		return;
	fake_h264_begin(b, 0x0c);
	memset(b->out + b->length, 0xff, size - b->length - 1);
	b->length = size;
	b->out[size - 1] = 0x80;
}

/* Encodes one picture. Returns the number of bytes, and whether it is a keyframe. */
static u32 fake_h264_encode(struct fake_h264 *f, const struct fake_h264_picture *p, u8 *out, u32 room, bool *key)
{
	struct fake_h264_bits b = { .out = out };

	*key = f->force_keyframe || f->frames == 0 ||
	       (f->keyframe_interval && f->since_keyframe >= f->keyframe_interval);
	f->force_keyframe = false;
	if (*key) {
		f->since_keyframe = 0;
		if (f->repeat_headers || f->frames == 0)
			fake_h264_headers(&b, f, p->width, p->height);
	}
	fake_h264_slice(&b, f, p, *key);
	fake_h264_fill(&b, f->bitrate / 8 / 30, room);
	f->frames++;
	f->since_keyframe++;
	return b.length;
}

#endif
