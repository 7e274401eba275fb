import { addCounts, noCounts, type CameraViewers, type ViewerCounts, type ViewerStats } from './stats.js'

/** What is counted of every camera's viewers, of those who are live and of those who left. */
export class ViewerCounters {
  /** By camera, then by session. */
  readonly #live = new Map<string, Map<string, () => ViewerStats>>()
  readonly #ended = new Map<string, ViewerCounts>()

  /** Counting begins for a camera; an older one of that name is forgotten. */
  open(camera: string): void {
    this.#live.set(camera, new Map())
    this.#ended.set(camera, noCounts())
  }

  close(camera: string): void {
    this.#live.delete(camera)
    this.#ended.delete(camera)
  }

  /** A viewer is live from now on. */
  begin(camera: string, id: string, figures: () => ViewerStats): void {
    this.#live.get(camera)?.set(id, figures)
  }

  /** A viewer has left, whether it was live or not; what was counted of it is kept. */
  end(camera: string, id: string): void {
    const figures = this.of(camera, id)
    const sum = this.#ended.get(camera)
    if (figures !== undefined && sum !== undefined) addCounts(sum, figures)
    this.#live.get(camera)?.delete(id)
  }

  /** Undefined for one that is not live. */
  of(camera: string, id: string): ViewerStats | undefined {
    return this.#live.get(camera)?.get(id)?.()
  }

  /** Of a camera's viewers that are live, by session. */
  stats(camera: string): Map<string, ViewerStats> {
    return new Map(Array.from(this.#live.get(camera) ?? [], ([id, figures]) => [id, figures()]))
  }

  /** Every camera's viewers in figures, plain JSON. */
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
