import type { IngestPorts } from './ingest.js'
import type { SenderReport } from './rtcp/sender-report.js'

/** What a stream does with what its source receives. */
export interface SourceEvents {
  /** @returns false for a useless packet, which does not count as a sign of life. */
  onPacket: (rtp: Buffer, nowMs: number) => boolean
  /** Called after the last packet of a wake-up. */
  onBurstEnd: () => void
  onNewSender: () => void
  /** Called for each datagram that is not of the accepted stream. */
  onIgnored: (datagram: Buffer, port: number) => void
  onSenderReport: (report: SenderReport, nowMs: number) => void
}

/** Where a stream's packets come from: an ingest socket, or a publisher. */
export interface PacketSource extends AsyncDisposable {
  readonly ports: Readonly<IngestPorts>
  readonly packets: number
  readonly ignored: number
  portsForStart(): Promise<Readonly<IngestPorts>>
  nextPacket(signal: AbortSignal): Promise<void>
  expectNewSender(): void
  requestKeyframe(): void
  /** Whether packets have to be handed on at once. */
  watched(isWatched: boolean): void
}
