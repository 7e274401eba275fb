import { describe, expect, test } from 'vitest'
import { parseDevice } from './device.js'

const BASE = '/base/axi/pcie@120000/rp1/i2c@80000/imx708@1a'
const BY_ID = 'usb-046d_HD_Pro_Webcam_C920_1A2B3C-video-index0'
const BY_PATH = 'platform-fd500000.pcie-pci-0000:01:00.0-usb-0:1.2:1.0-video-index0'

test.each([
  [BASE, { kind: 'libcamera', name: BASE }],
  ['imx708', { kind: 'libcamera', name: 'imx708' }],
  ['imx708_wide', { kind: 'libcamera', name: 'imx708_wide' }],
  ['imx708@1a', { kind: 'libcamera', name: 'imx708@1a' }],
  ['i2c@88000/imx708@1a', { kind: 'libcamera', name: 'i2c@88000/imx708@1a' }],
  ['csi0', { kind: 'libcamera', name: 'csi0' }],
  ['CSI1', { kind: 'libcamera', name: 'csi1' }],
  ['cam0', { kind: 'libcamera', name: 'csi0' }],
  ['CAM-1', { kind: 'libcamera', name: 'csi1' }],
  ['Virtual0', { kind: 'libcamera', name: 'Virtual0' }],
  ['platform/vimc.0 Sensor B', { kind: 'libcamera', name: 'platform/vimc.0 Sensor B' }],
  ['\\_SB_.PCI0.I2C2.CAM0', { kind: 'libcamera', name: '\\_SB_.PCI0.I2C2.CAM0' }],
  [BY_ID, { kind: 'v4l2', path: `/dev/v4l/by-id/${BY_ID}` }],
  [BY_PATH, { kind: 'v4l2', path: `/dev/v4l/by-path/${BY_PATH}` }],
  ['/dev/video12', { kind: 'v4l2', path: '/dev/video12' }],
  ['/dev/printer-camera', { kind: 'v4l2', path: '/dev/printer-camera' }],
  ['rtp://localhost:5004', { kind: 'rtp', port: 5004 }],
])('%s is a device', (text, device) => expect(parseDevice(text)).toEqual(device))

/** The device that another program accepts, and what the message tells to write. */
const FOREIGN: Record<string, readonly (readonly [string, string])[]> = {
  'a stream': [
    ['rtsp://user:secret@10.0.0.5/live', 'run ffmpeg -rtsp_transport tcp -i URL -an -c:v copy'],
    ['rtsps://10.0.0.5/live', 'run ffmpeg'],
    ['rtsp:10.0.0.5', 'run ffmpeg'],
    ['http://10.0.0.5:8080/?action=stream', 'run ffmpeg -i URL -an -c:v libx264'],
    ['https://10.0.0.5/mjpeg', 'run ffmpeg'],
    ['mjpeg:http://10.0.0.5/', 'run ffmpeg'],
    ['srt://10.0.0.5:8890', 'run ffmpeg -i URL -an -c:v copy'],
    ['rtmp://10.0.0.5/live', 'run ffmpeg'],
    ['udp+mpegts://238.0.0.1:1234', 'run ffmpeg'],
    ['wheps://10.0.0.5/cam', 'let that program serve it as RTSP'],
    ['webrtc:ws://10.0.0.5', 'let go2rtc serve it as RTSP'],
    ['onvif://10.0.0.5', 'let go2rtc serve it as RTSP'],
    ['rtp://[::1]:5004', 'write "rtp://127.0.0.1:5004"'],
    ['rtp://[::1]', 'has to be rtp://127.0.0.1:PORT'],
    ['rtp://0.0.0.0:5006', 'write "rtp://127.0.0.1:5006"'],
    ['rtp://:5004', 'write "rtp://127.0.0.1:5004"'],
    ['rtp:5004', 'write "rtp://127.0.0.1:5004"'],
    ['rtp://192.168.1.4:5004', 'from programs on this machine only'],
    ['udp://127.0.0.1:5008', 'write "rtp://127.0.0.1:5008"'],
    ['/home/pi/movie.mp4', 'run ffmpeg -re -stream_loop -1'],
    ['movie.h264', 'run ffmpeg -re'],
    ['file:///home/pi/movie.mp4', 'run ffmpeg -re'],
  ],
  'a command': [
    ['exec:ffmpeg -i /dev/video0 -f rtsp {output}', 'runs a command'],
    ['pipe:0', 'runs a command'],
    ['-', 'runs a command'],
    ['screen:', 'run ffmpeg -f x11grab'],
    [':0.0', 'run ffmpeg -f x11grab'],
    ['desktop', 'run ffmpeg -f x11grab'],
  ],
  'a USB camera': [
    ['v4l2:device?video=/dev/video0&input_format=mjpeg', 'write "/dev/video0"'],
    ['v4l2:/dev/video4', 'write "/dev/video4"'],
    ['ffmpeg:device?video=0#video=h264', 'write "/dev/video0"'],
    ['ffmpeg:/dev/video2#video=h264', 'write "/dev/video2"'],
    ['v4l2src device=/dev/video2', 'write "/dev/video2"'],
    ['device=/dev/video0', 'write "/dev/video0"'],
    ['--device=/dev/video0', 'write "/dev/video0"'],
    ['-d /dev/v4l/by-id/usb-x-video-index0', 'write "/dev/v4l/by-id/usb-x-video-index0"'],
    ['0', 'write "/dev/video0" for a USB camera, or "csi0"'],
    ['1', 'write "/dev/video1" for a USB camera, or "csi0"'],
    ['/dev/video', 'write "/dev/video0"'],
    ['/dev/Video0', 'write "/dev/video0"'],
    ['/dev/video 0', 'write "/dev/video0"'],
    ['//dev/video0', 'write "/dev/video0"'],
    ['\\dev\\video0', 'write "/dev/video0"'],
    ['/dev/video0,640x480', 'the rest as width, height, fps and format'],
    ['/dev/video0:1280x720', 'the rest as width, height, fps and format'],
    ['/dev/video*', 'write one of them'],
    ['/dev/v4l/by-id/', 'is a folder'],
    ['by-id/usb-x-video-index0', 'write "/dev/v4l/by-id/usb-x-video-index0"'],
    ['/sys/class/video4linux/video1', 'write "/dev/video1"'],
    ['usb', '"rpi-webrtc cameras" prints the line'],
    ['webcam', '"rpi-webrtc cameras" prints the line'],
    ['camera0', '"rpi-webrtc cameras" prints the line'],
    ['auto', '"rpi-webrtc cameras" prints the line'],
    ['HD Pro Webcam C920', '"rpi-webrtc cameras" prints the line'],
    ['046d:0825', 'its name in /dev/v4l/by-id'],
    ['1-1.2:1.0', 'its name in /dev/v4l/by-path'],
    ['video=Integrated Camera', 'is a device of Windows'],
    ['C:\\Users\\camera', 'is a device of Windows'],
    ['COM3', 'is a device of Windows'],
    ['dshow', 'is a device of Windows'],
    ['avfoundation:0', 'is a device of macOS'],
    ['FaceTime HD Camera', 'is a device of macOS'],
  ],
  'a camera module': [
    ['rpiCamera', 'write "csi0" or "csi1"'],
    ['libcamera:0', 'write "csi0" or "csi1"'],
    ['libcamera', 'write "csi0" or "csi1"'],
    ['picamera', 'write "csi0" or "csi1"'],
    ['picamera2', 'write "csi0" or "csi1"'],
    ['raspivid', 'write "csi0" or "csi1"'],
    ['rpicam-vid -t 0', 'write "csi0" or "csi1"'],
    ['libcamerasrc', 'write "csi0" or "csi1"'],
    ['nvarguscamerasrc', 'write "csi0" or "csi1"'],
    ['csi', 'write "csi0" or "csi1"'],
    ['csi:0', 'write "csi0"'],
    ['csi2', 'write "csi0" or "csi1"'],
    ['unicam', 'write "csi0" or "csi1"'],
    [`libcamera:${BASE}`, `write "${BASE}"`],
    [`libcamerasrc camera-name=${BASE} !`, `write "${BASE}"`],
    ['/dev/media0', 'write "csi0" or "csi1"'],
    ['/dev/v4l-subdev0', 'write "csi0" or "csi1"'],
    ['Raspberry Pi Camera Module 3', 'its sensor, "imx708"'],
    ['Camera Module v2', 'its sensor, "imx219"'],
    ['HQ Camera', 'its sensor, "imx477"'],
    ['picam v1', 'its sensor, "ov5647"'],
  ],
  'no camera': [
    ['/dev/fb0', 'is a screen, and no camera'],
    ['/dev/ttyUSB0', 'is a serial port, and no camera'],
    ['/dev/vchiq', 'is no camera'],
    ['/dev/bus/usb/001/004', 'is a place on the USB bus'],
    ['/dev/null', 'is no camera'],
    ['$CAMERA', 'write the device itself'],
    ['videotestsrc', 'write "test:smpte"'],
    ['videotestsrc pattern=ball', 'write "test:ball"'],
    ['testsrc2', 'write "test:smpte"'],
    ['test', 'write "test:smpte"'],
    ['/dev/video0 ', 'has a space at its end: delete it'],
    [' imx708', 'has a space at its end: delete it'],
  ],
}

describe.each(Object.entries(FOREIGN))('%s as another program names it', (_, rows) => {
  test.each(rows)('%s is refused with what to write', (text, answer) =>
    expect(() => parseDevice(text)).toThrow(answer),
  )
})

test('no answer contains the password of an address', () =>
  expect(() => parseDevice('rtsp://user:secret@10.0.0.5/live')).not.toThrow(/secret/))

test('a device of any length is answered in time', () =>
  expect(() => parseDevice(`${'a '.repeat(100_000)}/`)).toThrow('is longer than the name of any device'))
