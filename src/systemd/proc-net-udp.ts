/** 127.0.0.1 as /proc/net/udp writes it, the bytes backwards. */
const LOOPBACK = '0100007F'

/**
 * Bytes that wait in the kernel for whoever listens on a UDP port of 127.0.0.1, by port.
 * @param table the text of /proc/net/udp (proc(5)): addresses, ports and queues in hexadecimal.
 */
export function waitingBytesByPort(table: string): Map<number, number> {
  const rows = table.matchAll(/^ *\d+: ([0-9A-F]{8}):([0-9A-F]{4}) \S+ \S+ [0-9A-F]{8}:([0-9A-F]{8}) /gm)
  return new Map(
    Array.from(rows)
      .filter(([, address]) => address === LOOPBACK)
      .map(([, , port, queue]) => [Number.parseInt(port!, 16), Number.parseInt(queue!, 16)]),
  )
}
