import { EINVAL, type Libc } from '../../src/udp/libc.js'

/** Byte offsets as GCC lays the structures out (offsetof, sizeof), for x86-64 and arm64, and for 32-bit ARM. */
const ABI = {
  64: {
    message: { bytes: 64, nameBytes: 8, vectors: 16, count: 24, control: 32, controlBytes: 40, received: 56 },
    vector: { bytes: 16, length: 8 },
    control: { level: 8, type: 12, value: 16, space: 24, length: 18 },
  },
  32: {
    message: { bytes: 32, nameBytes: 4, vectors: 8, count: 12, control: 16, controlBytes: 20, received: 28 },
    vector: { bytes: 8, length: 4 },
    control: { level: 4, type: 8, value: 12, space: 16, length: 14 },
  },
} as const

export interface SentMessage {
  family: number
  port: number
  /** Of the address in the name. */
  host: string
  /** Of each datagram that it is cut into; undefined without UDP_SEGMENT. */
  segmentBytes: number | undefined
  datagrams: Buffer[]
}

/** Reads the structures of calls as a kernel does, by its own offsets, and answers as a test wants. */
export class FakeKernel implements Libc {
  readonly via = 'koffi'
  readonly #abi: (typeof ABI)[32 | 64]
  readonly #bits: 32 | 64
  readonly #memories: { at: bigint; view: DataView }[] = []
  readonly sent: SentMessage[] = []
  calls = 0
  #errno = 0
  /** An errno instead of sending a message. */
  refuse: (message: SentMessage) => number = () => 0
  /** Of one call. */
  maxMessages = Infinity
  /** Datagrams that wait to be received. */
  readonly arriving: { datagram: Buffer; port: number; host: [number, number, number, number] }[] = []

  constructor(bits: 32 | 64) {
    this.#bits = bits
    this.#abi = ABI[bits]
  }

  addressOf(memory: ArrayBuffer): bigint {
    const at = (this.#bits === 64 ? 0x7f12_0000_1000n : 0x1000n) + BigInt(this.#memories.length * 0x1000_0000)
    this.#memories.push({ at, view: new DataView(memory) })
    return at
  }

  errno(): number {
    return this.#errno
  }

  sendmmsg(_fd: number, messages: bigint, count: number): number {
    this.calls++
    for (let i = 0; i < count; i++) {
      if (i === this.maxMessages) return i
      const message = this.#read(messages + BigInt(i * this.#abi.message.bytes))
      const errno = this.refuse(message)
      if (errno !== 0) {
        if (i > 0) return i
        this.#errno = errno
        return -1
      }
      this.sent.push(message)
    }
    return count
  }

  recvmmsg(_fd: number, messages: bigint, count: number): number {
    const { message, vector } = this.#abi
    const some = this.arriving.splice(0, count)
    for (const [i, { datagram, port, host }] of some.entries()) {
      const at = messages + BigInt(i * message.bytes)
      const name = this.#pointer(at)
      const { view, offset } = this.#at(name)
      view.setUint16(offset, 2, true)
      view.setUint16(offset + 2, port)
      for (const [j, byte] of host.entries()) view.setUint8(offset + 4 + j, byte)
      const vectors = this.#pointer(at + BigInt(message.vectors))
      if (this.#size(at + BigInt(message.count)) !== 1) throw new Error('one vector per message')
      const room = this.#size(vectors + BigInt(vector.length))
      this.#bytes(this.#pointer(vectors), Math.min(room, datagram.length)).set(datagram.subarray(0, room))
      const header = this.#at(at)
      header.view.setUint32(header.offset + message.received, datagram.length, true)
    }
    return some.length === 0 ? -1 : some.length
  }

  #read(at: bigint): SentMessage {
    const { message, vector, control } = this.#abi
    const name = this.#bytes(this.#pointer(at), this.#size32(at + BigInt(message.nameBytes)))
    const vectors = this.#pointer(at + BigInt(message.vectors))
    const pieces = Array.from({ length: this.#size(at + BigInt(message.count)) }, (_, i) => {
      const piece = vectors + BigInt(i * vector.bytes)
      return this.#bytes(this.#pointer(piece), this.#size(piece + BigInt(vector.length)))
    })
    const controlBytes = this.#size(at + BigInt(message.controlBytes))
    const family = name.readUInt16LE(0)
    const host = family === 2 ? name.subarray(4, 8) : name.subarray(8, 24)
    const about = { family, port: name.readUInt16BE(2), host: host.toString('hex') }
    const whole = Buffer.concat(pieces)
    if (controlBytes === 0) return { ...about, segmentBytes: undefined, datagrams: [whole] }
    const controlAt = this.#pointer(at + BigInt(message.control))
    const { view, offset } = this.#at(controlAt)
    if (
      controlBytes !== control.space ||
      this.#size(controlAt) !== control.length ||
      view.getInt32(offset + control.level, true) !== 17 ||
      view.getInt32(offset + control.type, true) !== 103
    )
      throw Object.assign(new Error('not a UDP_SEGMENT control message'), { errno: EINVAL })
    const segmentBytes = view.getUint16(offset + control.value, true)
    const datagrams: Buffer[] = []
    for (let i = 0; i < whole.length; i += segmentBytes) datagrams.push(whole.subarray(i, i + segmentBytes))
    return { ...about, segmentBytes, datagrams }
  }

  #at(address: bigint): { view: DataView; offset: number } {
    const memory = this.#memories.find(
      ({ at, view }) => address >= at && address < at + BigInt(view.byteLength),
    )
    if (memory === undefined) throw new Error(`EFAULT: 0x${address.toString(16)}`)
    return { view: memory.view, offset: Number(address - memory.at) }
  }

  #pointer(address: bigint): bigint {
    const { view, offset } = this.#at(address)
    return this.#bits === 64 ? view.getBigUint64(offset, true) : BigInt(view.getUint32(offset, true))
  }

  #size(address: bigint): number {
    return Number(this.#pointer(address))
  }

  #size32(address: bigint): number {
    const { view, offset } = this.#at(address)
    return view.getUint32(offset, true)
  }

  #bytes(address: bigint, length: number): Buffer {
    const { view, offset } = this.#at(address)
    if (offset + length > view.byteLength) throw new Error('EFAULT: beyond the memory')
    return Buffer.from(view.buffer as ArrayBuffer, offset, length)
  }
}
