/** A sum in total and for each network. A network whose sum is 0 needs no memory. */
export class NetworkSums {
  readonly #byNetwork = new Map<string, number>()
  #total = 0

  get total(): number {
    return this.#total
  }

  of(network: string): number {
    return this.#byNetwork.get(network) ?? 0
  }

  add(network: string, amount: number): void {
    const sum = this.of(network) + amount
    this.#total += amount
    if (sum === 0) this.#byNetwork.delete(network)
    else this.#byNetwork.set(network, sum)
  }
}
