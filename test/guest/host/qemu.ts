import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { parseEvent, type GuestEvent } from '../events.js'
import type { Kernel } from './kernel.js'

export interface Guest {
  kernel: Kernel
  /** Its root file system, which it cannot change. */
  root: string
  checkout: string
  /** Shared with the guest, which writes here: what its first process runs, and what the cases leave. */
  share: string
  memoryMb: number
  cpus: number
  accelerator: 'tcg' | 'kvm'
}

/** Boot takes 10 s on two idle cores and minutes on busy ones. */
const BOOT_LIMIT_S = 1800
/** For what the guest does between two events, apart from the case itself. */
const MARGIN_S = 120

/**
 * Boots the guest and yields its events until it is off. The emulated machine ends when it reports nothing for longer than the limit
 * of the case that runs, or when the iteration is left.
 */
export async function* bootGuest(guest: Guest): AsyncGenerator<GuestEvent> {
  const qemu = spawn('qemu-system-x86_64', qemuArguments(guest), { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(qemu, 'exit')
  let deadline = setTimeout(() => qemu.kill('SIGKILL'), BOOT_LIMIT_S * 1000)
  try {
    for await (const line of createInterface({ input: qemu.stdout })) {
      const event = parseEvent(line)
      if (event === undefined) continue
      clearTimeout(deadline)
      const limitS = event.event === 'begin' ? event.limitS : 0
      deadline = setTimeout(() => qemu.kill('SIGKILL'), (limitS + MARGIN_S) * 1000)
      yield event
    }
  } finally {
    clearTimeout(deadline)
    qemu.kill('SIGKILL')
    await exited
  }
}

function qemuArguments({ kernel, root, checkout, share, memoryMb, cpus, accelerator }: Guest): string[] {
  const folders = { root, checkout, kernel: kernel.folder, guest: share }
  return [
    ...['-accel', accelerator, '-cpu', accelerator === 'kvm' ? 'host' : 'max'],
    ...['-smp', String(cpus), '-m', `${memoryMb}M`],
    ...['-nodefaults', '-no-reboot', '-display', 'none'],
    ...['-kernel', kernel.vmlinuz, '-initrd', kernel.initrd],
    // On a busy machine the timer interrupt comes too late for the kernel's check of it, which ends in a panic.
    ...['-append', 'console=ttyS0 quiet loglevel=3 panic=1 no_timer_check'],
    ...['-serial', `file:${share}/console.log`, '-serial', 'stdio'],
    ...Object.entries(folders).flatMap(([tag, path]) => [
      '-fsdev',
      `local,id=${tag},path=${path},security_model=none,multidevs=remap${tag === 'guest' ? '' : ',readonly=on'}`,
      '-device',
      `virtio-9p-pci,fsdev=${tag},mount_tag=${tag}`,
    ]),
  ]
}
