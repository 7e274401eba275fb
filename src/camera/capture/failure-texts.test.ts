import { describe, expect, test } from 'vitest'
import { pipelineFacts } from '../failures/pipeline-facts.js'
import { explainFailure, type CaptureExit } from './explain-failure.js'

const exited = (stderr: string): CaptureExit => ({
  how: 'exited',
  code: 1,
  signal: null,
  stderr: stderr.trim().split('\n'),
})

const V4L2 = 'ERROR: from element /GstPipeline:pipeline0/GstV4l2Src:v4l2src0:'
const LIBCAMERA = 'ERROR: from element /GstPipeline:pipeline0/GstLibcameraSrc:libcamerasrc0:'
const ENCODER = 'ERROR: from element /GstPipeline:pipeline0/v4l2h264enc:v4l2h264enc0:'
const NOT_NEGOTIATED = `${V4L2} Internal data stream error.
Additional debug info:
../libs/gst/base/gstbasesrc.c(3132): gst_base_src_loop (): /GstPipeline:pipeline0/GstV4l2Src:v4l2src0:
streaming stopped, reason not-negotiated (-4)`

/** Texts of public reports, and of the sources of GStreamer, libcamera and Linux. */
const texts: readonly [title: string, cause: string, hint: string | RegExp, stderr: string][] = [
  [
    'two USB cameras on one bus',
    'usb-bandwidth',
    'another USB port',
    `${V4L2} Failed to allocate required memory.
Additional debug info:
../sys/v4l2/gstv4l2src.c(950): gst_v4l2src_decide_allocation (): /GstPipeline:pipeline0/GstV4l2Src:v4l2src0:
Buffer pool activation failed
${NOT_NEGOTIATED}`,
  ],
  [
    'the kernel has no USB bandwidth',
    'usb-bandwidth',
    'format = "mjpeg"',
    `[  311.223] usb 1-1.4: Not enough bandwidth for altsetting 11\n${V4L2} Failed to allocate a buffer`,
  ],
  [
    'a USB camera that does not answer',
    'usb-timeout',
    'power supply',
    `${V4L2} Device '/dev/video0' failed during initialization
Additional debug info:
../sys/v4l2/gstv4l2object.c(4058): gst_v4l2_object_set_format_full (): /GstPipeline:pipeline0/GstV4l2Src:v4l2src0:
Call to S_FMT failed for MJPG @ 1280x720: Connection timed out`,
  ],
  [
    'timeouts of uvcvideo',
    'usb-timeout',
    'short cable',
    `[  212.4] usb 1-1.2: Failed to query (GET_DEF) UVC probe control : -110 (exp. 26).
[  217.5] uvcvideo 1-1.2:1.1: Non-zero status (-71) in video completion handler.
${V4L2} Could not read from resource.`,
  ],
  [
    'damaged JPEG',
    'damaged-jpeg',
    'format = "raw"',
    `Corrupt JPEG data: premature end of data segment
ERROR: from element /GstPipeline:pipeline0/GstJpegDec:jpegdec0: Failed to decode JPEG image
Additional debug info:
../ext/jpeg/gstjpegdec.c(1194): gst_jpeg_dec_handle_frame (): /GstPipeline:pipeline0/GstJpegDec:jpegdec0:
Decode error #55: Not a JPEG file: starts with 0xff 0xda`,
  ],
  [
    'no dma_heap, libcamera 0.0',
    'no-dma-heap',
    /group video.*--device \/dev\/dma_heap/,
    `[1:07:48.519219966] [3601] ERROR RPI dma_heaps.cpp:53 Could not open any dmaHeap device
[1:07:48.536688342] [3601] ERROR RPI vc4.cpp:209 Failed to register camera ov5647 10-0036: -12
${LIBCAMERA} Could not find any supported camera on this system.`,
  ],
  [
    'no dma_heap, libcamera 0.3 and later, beside a harmless line',
    'no-dma-heap',
    'udev rule',
    `[2:40:33.915193935] [4981] ERROR IPAModule ipa_module.cpp:172 Symbol ipaModuleInfo not found
[2:40:33.934882193] [4982] ERROR DmaBufAllocator dma_buf_allocator.cpp:116 Could not open any dma-buf provider
[2:40:33.957514762] [4982] ERROR RPI vc4.cpp:215 Failed to register camera imx477 10-001a: -12
${LIBCAMERA} Could not find a camera named '/base/soc/i2c0mux/i2c@1/imx477@1a'.`,
  ],
  [
    'CMA used up by buffers of the driver',
    'cma-exhausted',
    /cma=.*config\.txt|config\.txt.*cma=/,
    `[0:03:11.100000000] [900] ERROR V4L2 v4l2_videodevice.cpp:1248 /dev/video0[14:cap]: Unable to request 4 buffers: Cannot allocate memory
[0:03:11.100200000] [900] ERROR RPI pipeline_base.cpp:680 Failed to allocate buffers
${LIBCAMERA} Failed to start the camera: Cannot allocate memory`,
  ],
  [
    'CMA used up, from dma-heap',
    'cma-exhausted',
    'smaller width',
    `[0:10:00.1] [90] ERROR DmaBufAllocator dma_buf_allocator.cpp:179 dma-heap allocation failure for frame-0\n${LIBCAMERA} Failed to allocate memory`,
  ],
  [
    'CMA used up, from the kernel, by the encoder',
    'cma-exhausted',
    'smaller width',
    `[ 2920.49] cma: cma_alloc: alloc failed, req-size: 1350 pages, ret: -12
[ 2920.49] bcm2835-codec bcm2835-codec: dma_alloc_coherent of size 5529600 failed
${ENCODER} Failed to process frame.`,
  ],
  [
    'IPA not installed',
    'ipa-missing',
    'libcamera-ipa',
    `[0:00:12.000100000] [500] ERROR IPAModule ipa_module.cpp:171 Symbol ipaModuleInfo not found
[0:00:12.000200000] [500] ERROR IPAManager ipa_manager.cpp:152 No IPA found in '/usr/lib/aarch64-linux-gnu/libcamera'
[0:00:12.000300000] [500] ERROR RPI pipeline_base.cpp:798 Failed to load a suitable IPA library
[0:00:12.000400000] [500] ERROR RPI vc4.cpp:210 Failed to register camera imx708 10-001a: -22
${LIBCAMERA} Could not find a camera named '/base/soc/i2c0mux/i2c@1/imx708@1a'.`,
  ],
  [
    'IPA in a process of its own that does not answer',
    'ipa-missing',
    'built from source',
    `[0:03:16.169349543] [6845] ERROR IPCPipe ipc_pipe_unixsocket.cpp:134 Call timeout!
[0:03:16.169521534] [6845] ERROR IPAProxy raspberrypi_ipa_proxy.cpp:238 Failed to call configure
${LIBCAMERA} Failed to configure camera: Broken pipe`,
  ],
  [
    'tuning file missing',
    'tuning-file-missing',
    'tuning-file',
    `[0:00:12.100000000] [500] ERROR IPARPI raspberrypi.cpp:120 Failed to load tuning file '/usr/share/libcamera/ipa/rpi/vc4/imx708_noir.json'
[0:00:12.100300000] [500] ERROR RPI pipeline_base.cpp:700 Failed to load a suitable IPA library
${LIBCAMERA} Could not find any supported camera on this system.`,
  ],
  [
    'tuning file missing, libcamera 0.4',
    'tuning-file-missing',
    'tuning-file',
    `[4:13:06.543142001] [11087]  WARN RPiController controller.cpp:91 Failed to open tuning file '/home/pi/noir.json'
[4:13:06.543183334] [11087] ERROR IPARPI ipa_base.cpp:152 Failed to load tuning data file /home/pi/noir.json
[4:13:06.543209537] [11087] ERROR RPI pipeline_base.cpp:814 Failed to load a suitable IPA library
[4:13:06.543225241] [11087] ERROR RPI vc4.cpp:216 Failed to register camera imx708: -22`,
  ],
  [
    'no tuning file for a new sensor',
    'tuning-file-missing',
    '/usr/share/libcamera/ipa',
    `[0:10:40.695893960] [7690] ERROR IPAProxy ipa_proxy.cpp:154 Configuration file 'vc_mipi_camera.json' not found for IPA module 'rpi/pisp'
[0:10:40.695893960] [7690]  WARN RPiController controller.cpp:91 Failed to open tuning file ''
[0:10:40.695904571] [7690] ERROR IPARPI ipa_base.cpp:152 Failed to load tuning data file
[0:10:40.695916405] [7690] ERROR RPI pipeline_base.cpp:814 Failed to load a suitable IPA library`,
  ],
  [
    'tuning file of a Raspberry Pi 5 on another model',
    'tuning-file-invalid',
    '/ipa/rpi/vc4',
    `[1:37:37.201530999] [8075] ERROR IPARPI vc4.cpp:99 Tuning data file target returned "pisp", expected "bcm2835"
[1:37:37.201694406] [8075] ERROR RPI pipeline_base.cpp:818 Failed to load a suitable IPA library`,
  ],
  [
    'a sensor that libcamera does not know',
    'sensor-unsupported',
    'manufacturer',
    `[0:09:49.014647298] [988] ERROR IPAProxy ipa_proxy.cpp:154 Configuration file 'vd56g3_mono.json' not found for IPA module 'rpi/pisp'
[0:09:49.014713453] [988] ERROR IPARPI ipa_base.cpp:140 Could not create camera helper for vd56g3
[0:09:49.014725498] [988] ERROR RPI pipeline_base.cpp:814 Failed to load a suitable IPA library`,
  ],
  [
    'two 1080p cameras and one encoder',
    'encoder-busy',
    'encoder = "x264enc"',
    `${ENCODER} Failed to process frame.
Additional debug info:
../sys/v4l2/gstv4l2videoenc.c(862): gst_v4l2_video_enc_handle_frame (): /GstPipeline:pipeline0/v4l2h264enc:v4l2h264enc0:
Maybe be due to not enough memory or failing driver
${NOT_NEGOTIATED.replace('not-negotiated (-4)', 'error (-5)')}`,
  ],
  [
    'an encoder that cannot start',
    'encoder-busy',
    'one hardware encoder',
    `[ 1469.280151] bcm2835-codec bcm2835-codec: bcm2835_codec_start_streaming: Failed enabling i/p port, ret -3
${ENCODER} Failed to allocate required memory.
Additional debug info:
../sys/v4l2/gstv4l2videoenc.c(833): gst_v4l2_video_enc_handle_frame (): /GstPipeline:pipeline0/v4l2h264enc:v4l2h264enc0:
Buffer pool activation failed`,
  ],
  [
    'an encoder that refuses the size, by name',
    'encoder-refused',
    'encoder = "x264enc"',
    `${ENCODER} Device '/dev/video11' cannot capture at 2304x1296\n${NOT_NEGOTIATED}`,
  ],
  [
    'a ribbon cable',
    'sensor-timeout',
    'ribbon cable',
    `[4:58:27.918328393] [926]  WARN V4L2 v4l2_videodevice.cpp:2150 /dev/video4[29:cap]: Dequeue timer of 1000000.00us has expired!
[4:58:27.918390023] [926] ERROR RPI pipeline_base.cpp:1367 Camera frontend has timed out!
[4:58:27.918401838] [926] ERROR RPI pipeline_base.cpp:1368 Please check that your camera sensor connector is attached securely.
[4:58:27.918402838] [926] ERROR RPI pipeline_base.cpp:1369 Alternatively, try another cable and/or sensor.`,
  ],
  [
    'a sensor that does not answer on I2C',
    'sensor-unreachable',
    'ribbon cable',
    `[0:01:38.231903305] [672] ERROR V4L2 v4l2_videodevice.cpp:1563 /dev/video1[12:cap]: Failed to start streaming: Input/output error
${LIBCAMERA} Failed to start the camera: Input/output error`,
  ],
  [
    'a sensor that does not answer, from the kernel',
    'sensor-unreachable',
    'another cable',
    '[   87.514800] imx477 10-001a: Failed to write reg 0x0136. error = -5\n[   87.514833] unicam fe801000.csi: stream on failed in subdev',
  ],
  [
    'a sensor mode that does not exist',
    'sensor-config-refused',
    'field-of-view',
    `[0:01:02.3] [4] ERROR RPI pipeline_base.cpp:301 Invalid sensor configuration: bitDepth/size mismatch
${LIBCAMERA} Internal data stream error.
streaming stopped, reason not-negotiated (-4)`,
  ],
  [
    'a second stream that the camera does not have',
    'second-stream-refused',
    'field-of-view = "auto"',
    `${LIBCAMERA} Failed to generate camera configuration from roles\nCamera::generateConfiguration() returned nullptr`,
  ],
  [
    'autofocus that the module lacks, libcamera 0.1 to 0.3',
    'no-autofocus',
    'autofocus',
    `${LIBCAMERA} Failed to enable auto focus\nThis AfMode is not supported by this camera, please retry with 'auto-focus-mode=AfModeManual'`,
  ],
  [
    'an HDMI receiver without a signal',
    'no-signal',
    'cable',
    'WARNING: from element /GstPipeline:pipeline0/GstV4l2Src:v4l2src0: Signal lost\nThe input source was disconnected or was changed to an invalid signal.',
  ],
  [
    'a frame rate that the driver refuses',
    'not-negotiated',
    'fps',
    `${V4L2} Video device did not accept new frame rate setting.`,
  ],
  [
    'an unplugged camera',
    'unplugged',
    'Plug it in',
    `${V4L2} Could not read from resource.\nAdditional debug info:\npoll error 1: Invalid argument (22)`,
  ],
]

test.each(texts)('%s is %s', (_, cause, hint, stderr) => {
  const failure = explainFailure(exited(stderr))
  expect(failure.cause).toBe(cause)
  expect(failure.hint).toMatch(hint)
})

test('only a true fault of the ribbon cable sends people to the ribbon cable', () => {
  const blamed = texts.filter(([, , , stderr]) => /ribbon/.test(explainFailure(exited(stderr)).hint))
  expect(blamed.map(([, cause]) => cause)).toEqual([
    'sensor-timeout',
    'sensor-unreachable',
    'sensor-unreachable',
  ])
})

test('the message names the tuning file', () => {
  const messages = texts
    .filter(([, cause]) => cause === 'tuning-file-missing')
    .map(([, , , stderr]) => explainFailure(exited(stderr)).message)
  expect(messages).toEqual([
    'libcamera cannot read the tuning file /usr/share/libcamera/ipa/rpi/vc4/imx708_noir.json.',
    'libcamera cannot read the tuning file /home/pi/noir.json.',
    'libcamera cannot read the tuning file vc_mipi_camera.json.',
  ])
})

describe('hints use the pipeline', () => {
  const explain = (stderr: string, args: string) =>
    explainFailure(exited(stderr), pipelineFacts(args.split(' ')))

  test('a camera that delivers MJPEG is not told to deliver MJPEG', () => {
    const stderr = texts[0]![3]
    expect(explain(stderr, 'v4l2src ! jpegdec ! vp8enc').hint).not.toContain('mjpeg')
    expect(explain(stderr, 'v4l2src ! videoconvert ! vp8enc').hint).toContain('format = "mjpeg"')
  })

  test('where v4l2h264enc is used, it may be the one that refuses the size', () => {
    const failure = explain(NOT_NEGOTIATED, 'v4l2src ! videoconvert ! v4l2h264enc')
    expect(failure.message).toContain('or the encoder v4l2h264enc')
    expect(failure.hint).toContain('encoder = "x264enc"')
    expect(explain(NOT_NEGOTIATED, 'v4l2src ! videoconvert ! x264enc').message).not.toContain('encoder')
  })

  test('a libcamera camera is not told of formats, which it ignores', () => {
    const stderr = NOT_NEGOTIATED.replaceAll('GstV4l2Src:v4l2src0', 'GstLibcameraSrc:libcamerasrc0')
    const size = '[0:01:02.3] [4]  INFO Camera camera.cpp:1026 configuring streams: (0) 318x240-NV12'
    const failure = explain(`${size}\n${stderr}`, 'libcamerasrc camera-name=x ! vp8enc')
    expect(failure.hint).toBe('Try width = 640, height = 480, fps = 30. libcamera offers 318x240 instead.')
  })

  test('without a message and without packets, MJPEG may be damaged', () => {
    const silent: CaptureExit = { how: 'no-first-packet', stderr: [] }
    const pipeline = pipelineFacts(['v4l2src', '!', 'jpegdec'])
    expect(explainFailure(silent, pipeline).hint).toContain('damaged JPEG')
    expect(explainFailure(silent).hint).not.toContain('JPEG')
  })
})

test('an unknown text is shown with its last lines, without those that say nothing', () =>
  expect(
    explainFailure(
      exited(`[0:00:01.2] [4]  INFO Camera camera_manager.cpp:284 libcamera v0.1.0
ERROR: from element /GstPipeline:pipeline0/GstFoo:foo0: Something new happened.
Additional debug info:
../foo.c(1): foo (): /GstPipeline:pipeline0/GstFoo:foo0:
the flux is gone
ERROR: pipeline doesn't want to preroll.`),
    ).hint,
  ).toBe(
    'Its last output: ERROR: from element /GstPipeline:pipeline0/GstFoo:foo0: Something new happened. | ' +
      '../foo.c(1): foo (): /GstPipeline:pipeline0/GstFoo:foo0: | the flux is gone',
  ))
