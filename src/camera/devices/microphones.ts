import { readdir, readFile, realpath } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { parseCards, parsePcms, type AlsaCard, type AlsaPcm } from './alsa-text.js'

/** A capture device of ALSA. */
export interface Microphone {
  /** The value for `device` in `[cameraN.audio]`: `hw:CARD=C920`, and `hw:CARD=C920,DEV=1` for another device of the card. */
  device: string
  /** Id of the sound card, which does not depend on the order of detection unless two have the same model. */
  card: string
  name: string
  /** The device file that is opened: `/dev/snd/pcmC1D0c`. Its number can change at the next restart. */
  node: string
  /** `loopback` records what another program of this machine plays. */
  kind: 'usb' | 'loopback' | 'other'
  /** The USB device in sysfs: a camera's own microphone has that of its camera. */
  usbDevice?: string
}

export interface AlsaPlaces {
  proc: string
  sys: string
}

const PLACES: AlsaPlaces = { proc: '/proc/asound', sys: '/sys/class/sound' }

/** The capture devices of this machine, by their numbers. Opens none of them. */
export async function listMicrophones(about: Partial<AlsaPlaces> = {}): Promise<Microphone[]> {
  const places = { ...PLACES, ...about }
  const { cards, pcms } = await readAlsa(places)
  const captures = pcms
    .filter(({ isCapture }) => isCapture)
    .sort((a, b) => a.card - b.card || a.device - b.device)
  const found = captures.map(async (pcm) => {
    const card = cards.find(({ number }) => number === pcm.card)
    return card && microphoneOf(card, pcm, await usbDeviceOf(`${places.sys}/card${card.number}`))
  })
  return (await Promise.all(found)).filter((microphone) => microphone !== undefined)
}

function microphoneOf(card: AlsaCard, pcm: AlsaPcm, usbDevice: string | undefined): Microphone {
  const isFirst = pcm.device === 0
  const kind = /^Loopback$/i.test(card.driver) ? 'loopback' : usbDevice === undefined ? 'other' : 'usb'
  return {
    device: `hw:CARD=${card.id}${isFirst ? '' : `,DEV=${pcm.device}`}`,
    card: card.id,
    name: isFirst || pcm.name === '' ? card.name : `${card.name}: ${pcm.name}`,
    node: `/dev/snd/pcmC${card.number}D${pcm.device}c`,
    kind: kind === 'other' && /^USB-Audio$/i.test(card.driver) ? 'usb' : kind,
    ...(usbDevice !== undefined && { usbDevice }),
  }
}

/** A container hides /proc/asound (Docker's masked paths). sysfs has the same cards, without their full names. */
async function readAlsa({ proc, sys }: AlsaPlaces): Promise<{ cards: AlsaCard[]; pcms: AlsaPcm[] }> {
  const [cards, pcms] = await Promise.all([
    readFile(`${proc}/cards`, 'utf8').catch(() => ''),
    readFile(`${proc}/pcm`, 'utf8').catch(() => ''),
  ])
  const listed = { cards: parseCards(cards), pcms: parsePcms(pcms) }
  return listed.cards.length > 0 && listed.pcms.length > 0 ? listed : await readSysfs(sys)
}

async function readSysfs(sys: string): Promise<{ cards: AlsaCard[]; pcms: AlsaPcm[] }> {
  const entries = await readdir(sys).catch(() => [])
  const numbers = entries.flatMap((entry) => /^card(\d+)$/.exec(entry)?.[1] ?? []).map(Number)
  const cards = numbers.map(async (number) => {
    const id = (await readFile(`${sys}/card${number}/id`, 'utf8').catch(() => '')).trim()
    const usb = await usbDeviceOf(`${sys}/card${number}`)
    const product = usb === undefined ? '' : await readFile(`${usb}/product`, 'utf8').catch(() => '')
    const name = product.replaceAll(/\p{Cc}+/gu, ' ').trim() || id
    return { number, id, driver: id === 'Loopback' ? id : '', name }
  })
  const pcms = entries.flatMap((entry) => {
    const [, card, device] = /^pcmC(\d+)D(\d+)c$/.exec(entry) ?? []
    return card === undefined
      ? []
      : [{ card: Number(card), device: Number(device), name: '', isCapture: true }]
  })
  return { cards: (await Promise.all(cards)).filter(({ id }) => id !== ''), pcms }
}

/**
 * The USB device that an entry of /sys/class belongs to; undefined if it is none. A USB device has a folder per interface
 * (`1-1.2/1-1.2:1.0`), and a camera has its picture and its microphone on different ones.
 */
export async function usbDeviceOf(entry: string): Promise<string | undefined> {
  const hardware = await realpath(`${entry}/device`).catch(() => '')
  return /^\d+-[\d.]+:\d+\.\d+$/.test(basename(hardware)) ? dirname(hardware) : undefined
}
