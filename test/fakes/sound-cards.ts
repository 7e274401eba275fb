import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

/** What a machine has in /proc/asound. */
export interface AsoundText {
  cards: string
  pcm: string
}

const card = (number: number, id: string, driver: string, name: string, place: string): string =>
  `${String(number).padStart(2)} [${id.padEnd(15)}]: ${driver} - ${name}\n                      ${place}\n`

const HDMI = {
  cards: card(0, 'vc4hdmi0', 'vc4-hdmi', 'vc4-hdmi-0', 'vc4-hdmi-0'),
  pcm: '00-00: MAI PCM i2s-hifi-0 : MAI PCM i2s-hifi-0 : playback 1\n',
}
const C920_PLACE = 'HD Pro Webcam C920 at usb-0000:01:00.0-1.2, high speed'

/** The text of /proc/asound on machines of several kinds. */
export const ASOUND = {
  none: { cards: '--- no soundcards ---\n', pcm: '' },
  hdmiOnly: HDMI,
  webcam: {
    cards: HDMI.cards + card(1, 'C920', 'USB-Audio', 'HD Pro Webcam C920', C920_PLACE),
    pcm: `${HDMI.pcm}01-00: USB Audio : USB Audio : capture 1\n`,
  },
  /** Two webcams of one model, and a headset with sound in both directions. */
  twins: {
    cards:
      card(0, 'C920', 'USB-Audio', 'HD Pro Webcam C920', C920_PLACE) +
      card(1, 'C920_1', 'USB-Audio', 'HD Pro Webcam C920', C920_PLACE.replace('1.2', '1.3')) +
      card(2, 'Headset', 'USB-Audio', 'Jabra: EVOLVE 20', 'at usb-0000:01:00.0-1.4, full speed'),
    pcm:
      '00-00: USB Audio : USB Audio : capture 1\n01-00: USB Audio : USB Audio : capture 1\n' +
      '02-00: USB Audio : USB Audio : playback 1 : capture 1\n',
  },
  hat: {
    cards:
      HDMI.cards +
      card(1, 'sndrpigooglevoi', 'RPi-simple', 'snd_rpi_googlevoicehat_soundcar', 'snd_rpi_googlevoicehat'),
    pcm:
      `${HDMI.pcm}01-00: Google voiceHAT SoundCard HiFi voicehat-hifi-0 : Google voiceHAT SoundCard HiFi ` +
      'voicehat-hifi-0 : playback 1 : capture 1\n',
  },
  loopback: {
    cards: card(0, 'Loopback', 'Loopback', 'Loopback', 'Loopback 1'),
    pcm:
      '00-00: Loopback PCM : Loopback PCM : playback 8 : capture 8\n' +
      '00-01: Loopback PCM : Loopback PCM : playback 8 : capture 8\n',
  },
} satisfies Record<string, AsoundText>

export interface SoundFolders {
  proc: string
  sys: string
  video: string
  /** `/dev/videoN` -> its path in the folders. */
  root: string
}

/**
 * Folders as the kernel has them.
 * @param text of /proc/asound; undefined where it is hidden, as in a container.
 * @param usb the entry of /sys/class (`sound/card1`, `video4linux/video0`) -> its USB interface (`1-1.2/1-1.2:1.2`).
 * @param files other files below /sys/class.
 */
export async function soundFolders(
  text: AsoundText | undefined,
  usb: Record<string, string> = {},
  files: Record<string, string> = {},
): Promise<SoundFolders> {
  const root = await mkdtemp(join(tmpdir(), 'rpi-webrtc-sound-'))
  onTestFinished(async () => await rm(root, { recursive: true }))
  const write = async (path: string, content: string): Promise<void> => {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), content)
  }
  if (text !== undefined) {
    await write('asound/cards', text.cards)
    await write('asound/pcm', text.pcm)
  }
  for (const [entry, hardware] of Object.entries(usb)) {
    const folder = join(root, 'devices', hardware)
    await mkdir(folder, { recursive: true })
    await mkdir(join(root, 'class', entry), { recursive: true })
    await symlink(folder, join(root, 'class', entry, 'device'))
  }
  for (const [path, content] of Object.entries(files)) await write(path, content)
  return {
    proc: join(root, 'asound'),
    sys: join(root, 'class/sound'),
    video: join(root, 'class/video4linux'),
    root,
  }
}
