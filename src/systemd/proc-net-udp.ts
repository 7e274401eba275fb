/** 127.0.0.1 in the byte order of /proc/net/udp. */
const LOOPBACK = '0100007F'

/**
 * Bytes in the receive queue of each UDP port of 127.0.0.1.
 * @param table the text of /proc/net/udp; proc(5).
 */
export function waitingBytesByPort(table: string): Map<number, number> {
  const rows = table.matchAll(/^ *\d+: ([0-9A-F]{8}):([0-9A-F]{4}) \S+ \S+ [0-9A-F]{8}:([0-9A-F]{8}) /gm)
  return new Map(
    Array.from(rows)
      .filter(([, address]) => address === LOOPBACK)
      .map(([, , port, queue]) => [Number.parseInt(port!, 16), Number.parseInt(queue!, 16)]),
  )
}
