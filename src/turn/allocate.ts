import { mappedAddressOf, xorAddressOf, type MappedAddress } from '../lib/stun.js'
import { Allocation, allocationTiming, type AllocationTiming } from './allocation.js'
import { openLink, type ResolveHost, type TurnLink } from './link.js'
import {
  ALLOCATE,
  isResponse,
  isStunMessage,
  lifetimeOf,
  requestedTransport,
  XOR_RELAYED_ADDRESS,
} from './message.js'
import { TurnTransactions, type TurnOutcome } from './transactions.js'
import { noTurn, refusal, silence, TurnError } from './turn-error.js'
import { turnEndpointOf, type TurnEndpoint, type TurnServer } from './turn-server.js'

/** RFC 8656 section 7.2: the lifetime of a server that names none. */
const DEFAULT_LIFETIME_S = 600
/** Callers have less patience. */
const LIMIT_MS = 10_000

export interface AllocateOptions {
  resolve: ResolveHost
  /** Of servers that nobody here has chosen; `resolve` if undefined. */
  resolveNamed?: ResolveHost
  timing?: AllocationTiming
}

/** Asks one server for a relayed address. @throws TurnError, or the reason of the signal. */
export async function allocate(
  server: TurnServer,
  signal: AbortSignal,
  { resolve, resolveNamed = resolve, timing = allocationTiming }: AllocateOptions,
): Promise<Allocation> {
  const endpoint = turnEndpointOf(server.uri)
  if (endpoint === undefined)
    throw new TurnError(
      'needs DTLS (turns: with ?transport=udp), which this program has not',
      'write ?transport=tcp',
    )
  let receive = (_message: Buffer): void => {}
  let onClosed = (_error: TurnError): void => {}
  const link = await openLink(
    endpoint,
    { onMessage: (message) => receive(message), onClosed: (error) => onClosed(error) },
    { resolve: server.namedBy === undefined ? resolve : resolveNamed, namedBy: server.namedBy },
    signal,
  )
  const transactions = new TurnTransactions(link, server)
  let closed: TurnError | undefined
  const giveUp = (): void => transactions.close()
  onClosed = (error) => {
    closed = error
    giveUp()
  }
  receive = (message) => {
    if (isStunMessage(message) && isResponse(message)) transactions.receive(message)
  }
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    const outcome = await transactions.request(ALLOCATE, LIMIT_MS, () => [requestedTransport()])
    signal.throwIfAborted()
    const allocation = allocationOf(outcome, closed, { link, transactions, timing, endpoint })
    receive = (message) => allocation.receive(message)
    onClosed = () => allocation.lost()
    return allocation
  } catch (error) {
    link.close()
    throw error
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}

interface Parts {
  link: TurnLink
  transactions: TurnTransactions
  timing: AllocationTiming
  endpoint: TurnEndpoint
}

/** @throws TurnError */
function allocationOf(
  outcome: TurnOutcome,
  closed: TurnError | undefined,
  { endpoint, ...parts }: Parts,
): Allocation {
  if (closed !== undefined) throw closed
  if (outcome.kind === 'error') throw refusal(outcome.code)
  if (outcome.kind !== 'success') throw silence(endpoint)
  const { message } = outcome
  const relayed = xorAddressOf(message, XOR_RELAYED_ADDRESS)
  if (relayed === undefined) throw noTurn()
  if (!canBeOffered(relayed))
    throw new TurnError(`relays at an address that nobody can send to (${relayed.address})`)
  return new Allocation({
    ...parts,
    relayed,
    mapped: mappedAddressOf(message),
    lifetimeS: lifetimeOf(message) ?? DEFAULT_LIFETIME_S,
  })
}

/** Not unspecified, link-local or multicast. */
const canBeOffered = ({ address, port }: MappedAddress): boolean =>
  port > 0 && !/^(?:0\.|169\.254\.|22[4-9]\.|2[345]\d\.|::$|fe[89ab]|ff)/i.test(address)
