/** The candidate closest to `word`, if one is close. Case, underscores and hyphens are ignored: `web_port`, `webPort`, `webport`. */
export function closestMatch(word: string, candidates: readonly string[]): string | undefined {
  const wanted = bare(word)
  let best: string | undefined
  let bestDistance = Infinity
  for (const candidate of candidates) {
    const distance = editDistance(wanted, bare(candidate))
    if (distance < bestDistance && distance <= maxDistance(wanted, bare(candidate))) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** End of a sentence: `: did you mean "web-port"?`, or an empty text. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const match = closestMatch(word, candidates)
  return match === undefined ? '' : `: did you mean "${match}"?`
}

/** Damerau-Levenshtein distance (optimal string alignment): `heigth` is one edit from `height`, not two. */
export function editDistance(a: string, b: string): number {
  if (Math.max(a.length, b.length) > MAX_LENGTH) return Infinity
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

/** No key is longer. The distance takes quadratic time. */
const MAX_LENGTH = 40

const bare = (word: string): string => word.toLowerCase().replaceAll(/[-_.\s]/g, '')

/** One edit in three letters is a typing mistake; more is another word. */
const maxDistance = (a: string, b: string): number => Math.floor(Math.min(a.length, b.length) / 3)
