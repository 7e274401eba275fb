/** What ALSA writes into /proc/asound: its cards, and their PCM devices. */

export interface AlsaCard {
  /** Depends on the order of detection: it can change at the next restart. */
  number: number
  /** `C920`: unique; a second card of the same model gets `C920_1`. */
  id: string
  /** `USB-Audio`, `Loopback`. */
  driver: string
  name: string
}

export interface AlsaPcm {
  card: number
  device: number
  name: string
  isCapture: boolean
}

/** ` 1 [C920           ]: USB-Audio - HD Pro Webcam C920`. The line that follows has the place of the card. */
const CARD = /^ *(\d{1,3}) \[([^\]\s]+) *\]: (\S+) - (.*)$/

/** Of /proc/asound/cards, which says `--- no soundcards ---` if there is none. */
export function parseCards(text: string): AlsaCard[] {
  return text.split('\n').flatMap((line) => {
    const [, number, id = '', driver = '', name = ''] = CARD.exec(line) ?? []
    return number === undefined ? [] : [{ number: Number(number), id, driver, name: shown(name) || id }]
  })
}

/** `01-00: USB Audio : USB Audio : capture 1`. A name may contain a colon. */
const PCM = /^(\d{2,3})-(\d{2,3}): (.*?)((?: : (?:playback|capture) \d+)*)\s*$/

/** Of /proc/asound/pcm. */
export function parsePcms(text: string): AlsaPcm[] {
  return text.split('\n').flatMap((line) => {
    const [, card, device, names = '', streams = ''] = PCM.exec(line) ?? []
    if (card === undefined) return []
    const name = names.split(' : ').at(-1)!
    return [
      {
        card: Number(card),
        device: Number(device),
        name: shown(name),
        isCapture: streams.includes(' : capture '),
      },
    ]
  })
}

/** A device may report any text as its name. */
const shown = (text: string): string => text.replaceAll(/\p{Cc}+/gu, ' ').trim()
