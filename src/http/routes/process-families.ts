import type { ProcessMetrics } from './metrics-facts.js'
import { inSeconds, type MetricFamily } from './prometheus-text.js'

/** Memory and time of this process. */
export const processFamilies = ({
  residentBytes,
  heapUsedBytes,
  cpuSeconds,
  openFileDescriptors,
  eventLoopLag: { medianMs, p99Ms, maxMs },
}: ProcessMetrics): MetricFamily[] => [
  // The names of Prometheus client libraries.
  {
    name: 'process_resident_memory_bytes',
    type: 'gauge',
    help: 'Resident memory of the Node.js process.',
    samples: [{ value: residentBytes }],
    deprecatedName: 'rpi_webrtc_resident_memory_bytes',
  },
  {
    name: 'process_cpu_seconds_total',
    type: 'counter',
    help: 'CPU time of the Node.js process.',
    samples: [{ value: cpuSeconds }],
    deprecatedName: 'rpi_webrtc_cpu_seconds_total',
  },
  {
    name: 'process_open_fds',
    type: 'gauge',
    help: 'Open sockets, files and pipes.',
    samples: [{ value: openFileDescriptors }],
    deprecatedName: 'rpi_webrtc_open_file_descriptors',
  },
  {
    name: 'rpi_webrtc_heap_used_bytes',
    type: 'gauge',
    help: 'JavaScript heap in use.',
    samples: [{ value: heapUsedBytes }],
  },
  {
    name: 'rpi_webrtc_event_loop_lag_seconds',
    type: 'gauge',
    help: 'Delay of the event loop in the last one to two minutes.',
    samples: [
      { labels: { quantile: '0.5' }, value: inSeconds(medianMs) },
      { labels: { quantile: '0.99' }, value: inSeconds(p99Ms) },
      { labels: { quantile: '1' }, value: inSeconds(maxMs) },
    ],
  },
]
