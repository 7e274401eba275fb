/** What a viewer asks for: `auto` is the size that its path carries. */
export const QUALITIES = ['auto', 'high', 'low'] as const
export type Quality = (typeof QUALITIES)[number]

export const isQuality = (text: string): text is Quality => QUALITIES.some((one) => one === text)
