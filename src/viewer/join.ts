import type { MediaPacket } from '../rtp/packet.js'
import type { CameraStream } from './session.js'
import type { ViewerSink } from './sink.js'

/** A keyframe and what follows are many packets: sent at once they would overflow the queues on the way. */
const PACKETS_PER_STEP = 24
const STEP_MS = 5

/**
 * Lets a newcomer into the fan-out so that it sees a picture at once: by asking the encoder for a keyframe, or, where it
 * makes none on demand, by sending what came since the last one, somewhat faster than it came.
 */
export function joinFanout(sink: ViewerSink, stream: CameraStream): Disposable {
  const { fanout } = stream
  const first = stream.keyframesOnDemand ? undefined : fanout.history.lastKeyframe
  if (first === undefined) {
    stream.requestKeyframe()
    return fanout.add(sink)
  }
  let joined: Disposable | undefined
  let next = first
  const step = (): void => {
    const end = Math.min(next + PACKETS_PER_STEP, fanout.history.last + 1)
    for (; next < end; next++) sendIfKept(fanout.history.get(next), sink)
    if (next <= fanout.history.last) return
    clearInterval(timer)
    joined = fanout.add(sink)
  }
  const timer = setInterval(step, STEP_MS)
  step()
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer)
      joined?.[Symbol.dispose]()
    },
  }
}

function sendIfKept(packet: MediaPacket | undefined, sink: ViewerSink): void {
  if (packet !== undefined) sink.send(packet)
}
