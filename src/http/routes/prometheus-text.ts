/** The Prometheus text exposition format, version 0.0.4. */
export const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

export interface Sample {
  labels?: Record<string, string>
  /** Undefined if the value is unknown; then the sample is omitted. */
  value: number | undefined
  /** `_sum` or `_count` of a summary. */
  suffix?: string
}

export interface MetricFamily {
  name: string
  type: 'counter' | 'gauge' | 'summary'
  help: string
  samples: Sample[]
  /** A former name, written beside the new one for one release. */
  deprecatedName?: string
}

/** Omits a family without samples. */
export const formatMetrics = (families: MetricFamily[]): string =>
  families
    .flatMap(withDeprecated)
    .flatMap(familyLines)
    .map((line) => `${line}\n`)
    .join('')

function withDeprecated({ deprecatedName, ...family }: MetricFamily): MetricFamily[] {
  if (deprecatedName === undefined) return [family]
  return [family, { ...family, name: deprecatedName, help: `deprecated: use ${family.name}` }]
}

function familyLines({ name, type, help, samples }: MetricFamily): string[] {
  const lines = samples.flatMap(({ labels = {}, value, suffix = '' }) =>
    value === undefined ? [] : [sampleLine(name + suffix, labels, value)],
  )
  return lines.length === 0 ? [] : [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines]
}

function sampleLine(name: string, labels: Record<string, string>, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escape(text)}"`)
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`
}

const escape = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

/** A sample without a value is not written. */
export const inSeconds = (ms: number | undefined): number | undefined =>
  ms === undefined ? undefined : ms / 1000
