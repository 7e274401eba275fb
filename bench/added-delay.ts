import {
  measureAddedDelay,
  PACKET_BYTES,
  PACKETS_PER_SECOND,
  quantile,
  requireCapture,
} from './load/added-delay.js'
import { describe } from './summary.js'

const SECONDS = Number(process.env['SECONDS'] ?? 10)

/** The delay that the program adds, for few and many viewers. */
requireCapture()
console.log(
  `${describe()}\n${PACKETS_PER_SECOND} packets/s of ${PACKET_BYTES} bytes, in frames, ${SECONDS} s`,
)
for (const viewers of [1, 8, 32, 100]) {
  const measured = await measureAddedDelay(viewers, SECONDS)
  const at = (share: number): string => quantile(measured, share).toFixed(2)
  console.log(
    `${String(viewers).padStart(3)} viewers: median ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms; ` +
      `${measured.delaysMs.length} of ${measured.packets} packets reached all of them`,
  )
}
