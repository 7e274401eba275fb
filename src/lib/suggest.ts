/**
 * The candidate that was probably meant by `word`, or undefined where none is near. Case, `_` for `-` and left-out
 * hyphens count for nothing: people who know the word write `web_port`, `webPort` and `webport`.
 */
export function closestMatch(word: string, candidates: readonly string[]): string | undefined {
  const wanted = bare(word)
  let best: string | undefined
  let bestDistance = Infinity
  for (const candidate of candidates) {
    const distance = editDistance(wanted, bare(candidate))
    if (distance < bestDistance && distance <= allowance(wanted, bare(candidate))) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** `: did you mean "web-port"?`, or nothing: to put at the end of a sentence. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const meant = closestMatch(word, candidates)
  return meant === undefined ? '' : `: did you mean "${meant}"?`
}

/**
 * Edits from `a` to `b` where a swap of two neighbours counts once (Damerau-Levenshtein, optimal string alignment):
 * `heigth` is one slip away from `height`, not two.
 */
export function editDistance(a: string, b: string): number {
  if (Math.max(a.length, b.length) > LONGEST) return Infinity
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + change)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, beforeLast[j - 2]! + 1)
      }
      row.push(cost)
    }
    beforeLast = last
    last = row
  }
  return last[b.length]!
}

/** No name of ours is longer; a file full of long words must not cost quadratic time each. */
const LONGEST = 40

const bare = (word: string): string => word.toLowerCase().replaceAll(/[-_.\s]/g, '')

/** One slip in three letters is a slip; more is another word. */
const allowance = (a: string, b: string): number => Math.floor(Math.min(a.length, b.length) / 3)
