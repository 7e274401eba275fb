import type { MediaPacket } from '../packet.js'
import { UnitReader } from './unit-reader.js'

/** ITU-T H.264 table 7-1 */
const SLICE = 1
const IDR = 5
const SEI = 6
const SPS = 7
const PPS = 8

/** A frame as the encoder made it. */
export interface AccessUnit {
  /** Of RTP, 90 kHz, modulo 2^32. */
  timestamp: number
  /** Whether it can be decoded without earlier frames (IDR). */
  isKeyframe: boolean
  /** Slices and SEI. */
  units: Buffer[]
  sps: Buffer[]
  pps: Buffer[]
}

/**
 * Puts access units together from the packets of a camera (RFC 6184). After a lost packet it waits for the next keyframe, because
 * what lies between cannot be decoded.
 */
export class AccessUnits {
  readonly #onUnit: (unit: AccessUnit) => void
  #reader = new UnitReader()
  #timestamp = 0
  #nextIndex: number | undefined
  #isDamaged = false
  #waitsForKeyframe = true

  constructor(onUnit: (unit: AccessUnit) => void) {
    this.#onUnit = onUnit
  }

  /** Whether a keyframe has to come before anything else is of use. */
  get waitsForKeyframe(): boolean {
    return this.#waitsForKeyframe
  }

  push({ index, timestamp, marker, payload }: MediaPacket): void {
    if (this.#nextIndex !== undefined && index < this.#nextIndex) return // late: its frame is given up already
    if (this.#nextIndex !== undefined && index !== this.#nextIndex) {
      this.#reader = new UnitReader()
      this.#isDamaged = true
      this.#waitsForKeyframe = true
    } else if (timestamp !== this.#timestamp && (this.#isDamaged || this.#reader.units.length > 0)) {
      this.#end() // some senders set no marker
    }
    this.#nextIndex = index + 1
    this.#timestamp = timestamp
    if (!this.#isDamaged && !this.#reader.push(payload)) this.#isDamaged = true
    if (marker) this.#end()
  }

  #end(): void {
    const { units, isComplete } = this.#reader
    const isDamaged = this.#isDamaged || !isComplete
    // Some senders mark the parameter sets as a frame of their own: they belong to the next one.
    if (!isDamaged && !units.some(isSlice)) return
    this.#reader = new UnitReader()
    this.#isDamaged = false
    if (isDamaged) {
      this.#waitsForKeyframe = true
      return
    }
    const isKeyframe = units.some((unit) => typeOf(unit) === IDR)
    if (this.#waitsForKeyframe && !isKeyframe) return
    this.#waitsForKeyframe = false
    this.#onUnit({
      timestamp: this.#timestamp,
      isKeyframe,
      units: units.filter((unit) => isSlice(unit) || typeOf(unit) === SEI),
      sps: units.filter((unit) => typeOf(unit) === SPS),
      pps: units.filter((unit) => typeOf(unit) === PPS),
    })
  }
}

const typeOf = (unit: Buffer): number => unit[0]! & 0x1f

const isSlice = (unit: Buffer): boolean => typeOf(unit) >= SLICE && typeOf(unit) <= IDR
