/** Debian package of each element; the same in Bookworm, Trixie and Raspberry Pi OS. */
const PACKAGES: Record<string, string> = {
  queue: 'libgstreamer1.0-0',
  capsfilter: 'libgstreamer1.0-0',
  tee: 'libgstreamer1.0-0',
  funnel: 'libgstreamer1.0-0',
  fdsink: 'libgstreamer1.0-0',
  fdsrc: 'libgstreamer1.0-0',
  fakesink: 'libgstreamer1.0-0',
  videoconvert: 'gstreamer1.0-plugins-base',
  audioconvert: 'gstreamer1.0-plugins-base',
  audioresample: 'gstreamer1.0-plugins-base',
  audiotestsrc: 'gstreamer1.0-plugins-base',
  opusenc: 'gstreamer1.0-plugins-base',
  alsasrc: 'gstreamer1.0-alsa',
  videotestsrc: 'gstreamer1.0-plugins-base',
  videorate: 'gstreamer1.0-plugins-base',
  videoscale: 'gstreamer1.0-plugins-base',
  timeoverlay: 'gstreamer1.0-x',
  clockoverlay: 'gstreamer1.0-x',
  textoverlay: 'gstreamer1.0-x',
  rtpsession: 'gstreamer1.0-plugins-good',
  udpsink: 'gstreamer1.0-plugins-good',
  udpsrc: 'gstreamer1.0-plugins-good',
  rtph264pay: 'gstreamer1.0-plugins-good',
  rtpvp8pay: 'gstreamer1.0-plugins-good',
  rtpopuspay: 'gstreamer1.0-plugins-good',
  videoflip: 'gstreamer1.0-plugins-good',
  v4l2src: 'gstreamer1.0-plugins-good',
  v4l2h264enc: 'gstreamer1.0-plugins-good',
  jpegdec: 'gstreamer1.0-plugins-good',
  jpegenc: 'gstreamer1.0-plugins-good',
  h264parse: 'gstreamer1.0-plugins-bad',
  gdppay: 'gstreamer1.0-plugins-bad',
  vp8enc: 'gstreamer1.0-plugins-good',
  openh264enc: 'gstreamer1.0-plugins-bad',
  x264enc: 'gstreamer1.0-plugins-ugly',
  libcamerasrc: 'gstreamer1.0-libcamera',
}

export function aptInstall(elements: readonly string[]): string {
  const allSets = 'gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly'
  const packages = new Set(elements.map((element) => PACKAGES[element] ?? allSets))
  return `sudo apt install ${[...packages].sort().join(' ')}`
}
