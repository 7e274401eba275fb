import type { KnownFailure } from './known-failure.js'

/** Programs and rights. */
export const SYSTEM_FAILURES: readonly KnownFailure[] = [
  {
    pattern: /setpriv: failed to execute gst-launch-1\.0|spawn \S*gst-launch-1\.0 ENOENT/,
    cause: 'missing-program',
    message: () => 'gst-launch-1.0 is not installed.',
    hint: () => 'sudo apt install gstreamer1.0-tools',
  },
  {
    // libcamera 0.0 to 0.2 say dmaHeap device, 0.3 and later dma-buf provider.
    pattern: /Could not open any (?:dmaHeap device|dma-buf provider)/,
    cause: 'no-dma-heap',
    message: () => 'libcamera cannot open /dev/dma_heap, from which it takes memory for frames.',
    hint: () =>
      'Add the user to the group video (sudo usermod -aG video "$USER"), then log in again. A container needs --device /dev/dma_heap. ' +
      'If /dev/dma_heap belongs to root alone, add the udev rule SUBSYSTEM=="dma_heap", GROUP="video", MODE="0660".',
  },
  {
    pattern: /Could not open device '([^']+)'[^]*?Permission denied|(\/dev\/[\w/,-]+).*Permission denied/,
    cause: 'permission-denied',
    message: (m) => `This user is not allowed to open ${m[1] ?? m[2]!}.`,
    hint: () => 'Add the user to the group video (sudo usermod -aG video "$USER"), then log in again.',
  },
]
