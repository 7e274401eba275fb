/** The members of werift that are private in its types, and that we build on. `peer.ts` holds it to them when it starts. */

export interface ConnectionInside {
  protocols: unknown[]
  ensureProtocol(protocol: unknown): void
  localUsername: string
  localPassword: string
  userHistory: Record<string, string>
  stunServer: unknown
  checkComplete: (pair: unknown) => void
}

export interface ProtocolInside {
  datagramReceived(datagram: Buffer, from: [string, number]): void
}

export interface PairInside {
  requestTransactionIds: Set<string>
}

/** Whether the installed version still has them. */
export const isAsExpected = (connection: ConnectionInside, protocol: ProtocolInside): boolean =>
  Array.isArray(connection.protocols) &&
  typeof connection.ensureProtocol === 'function' &&
  typeof connection.userHistory === 'object' &&
  typeof connection.checkComplete === 'function' &&
  typeof protocol.datagramReceived === 'function'
