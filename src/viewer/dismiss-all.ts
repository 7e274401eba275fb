import type { LeaveReason, ViewerSession } from './types.js'

/** Resolves when all of them have ended. */
export async function dismissAll(
  viewers: ReadonlyMap<string, ViewerSession> | undefined,
  reason: LeaveReason,
): Promise<void> {
  await Promise.all(Array.from(viewers?.values() ?? [], async (viewer) => await viewer.dismiss(reason)))
}
