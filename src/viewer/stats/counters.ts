import { addCounts, noCounts, type CameraViewers, type ViewerCounts, type ViewerStats } from './stats.js'

/** Counters of every camera's viewers, live and left. */
export class ViewerCounters {
  /** By camera, then by session id. */
  readonly #live = new Map<string, Map<string, () => ViewerStats>>()
  readonly #ended = new Map<string, ViewerCounts>()

  open(camera: string): void {
    this.#live.set(camera, new Map())
    this.#ended.set(camera, noCounts())
  }

  close(camera: string): void {
    this.#live.delete(camera)
    this.#ended.delete(camera)
  }

  begin(camera: string, id: string, read: () => ViewerStats): void {
    this.#live.get(camera)?.set(id, read)
  }

  /** Keeps the counts of a viewer that was live. */
  end(camera: string, id: string): void {
    const stats = this.of(camera, id)
    const sum = this.#ended.get(camera)
    if (stats !== undefined && sum !== undefined) addCounts(sum, stats)
    this.#live.get(camera)?.delete(id)
  }

  of(camera: string, id: string): ViewerStats | undefined {
    return this.#live.get(camera)?.get(id)?.()
  }

  stats(camera: string): Map<string, ViewerStats> {
    return new Map(Array.from(this.#live.get(camera) ?? [], ([id, read]) => [id, read()]))
  }

  snapshot(): Record<string, CameraViewers> {
    const cameras: Record<string, CameraViewers> = {}
    for (const [camera, ended] of this.#ended) {
      const viewers = [...this.stats(camera).values()]
      const total = { ...ended }
      for (const viewer of viewers) addCounts(total, viewer)
      cameras[camera] = { viewers, total }
    }
    return cameras
  }
}
