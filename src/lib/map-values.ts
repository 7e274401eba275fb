/** @returns a record with the same keys. */
export const mapValues = <T, U>(
  record: Record<string, T>,
  map: (value: T, key: string) => U,
): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]))
