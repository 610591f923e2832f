// A strict reader of the text format of Prometheus 0.0.4 and of OpenMetrics 1.0.0: whatever is not to the letter throws.

export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface Family {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly samples: Sample[]
}

const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const labelName = /^[a-zA-Z_][a-zA-Z0-9_]*$/
const number = /^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]Inf|NaN)$/

export function parseExposition(text: string, format: 'prometheus' | 'openmetrics'): Map<string, Family> {
  if (text === '' && format === 'prometheus') return new Map()
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  if (text.includes('\r')) throw new Error('a carriage return')
  const lines = text.slice(0, -1).split('\n')
  if (format === 'openmetrics' && lines.pop() !== '# EOF') throw new Error('no # EOF')
  const families = new Map<string, Family>()
  let family: Family | undefined
  let help: { readonly name: string; readonly text: string } | undefined
  for (const line of lines) {
    if (line === '') throw new Error('an empty line')
    const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE|UNIT) (\S+) (.*)$/.exec(line) ?? []
    if (keyword === undefined) {
      if (line.startsWith('#')) throw new Error(`a comment: ${line}`)
      if (family === undefined) throw new Error(`a sample of no family: ${line}`)
      family.samples.push(parseSample(line))
      continue
    }
    if (!metricName.test(name)) throw new Error(`no name of a metric: ${name}`)
    if (keyword === 'HELP')
      help = { name, text: unescapeText(rest, format === 'openmetrics' ? '\\n"' : '\\n') }
    if (keyword === 'TYPE') {
      if (families.has(name)) throw new Error(`two families ${name}`)
      if (help?.name !== name) throw new Error(`${name} has no HELP before its TYPE`)
      if (!['counter', 'gauge', 'histogram'].includes(rest)) throw new Error(`type ${rest}`)
      family = { name, type: rest, help: help.text, samples: [] }
      families.set(name, family)
    }
    if (
      keyword === 'UNIT' &&
      (format !== 'openmetrics' || family?.name !== name || !name.endsWith(`_${rest}`))
    )
      throw new Error(`unit ${rest} of ${name}`)
  }
  for (const one of families.values()) checkFamily(one, format)
  return families
}

function parseSample(line: string): Sample {
  const name = /^[^{ ]+/.exec(line)?.[0] ?? ''
  if (!metricName.test(name)) throw new Error(`no name of a metric: ${line}`)
  let rest = line.slice(name.length)
  const labels: Record<string, string> = {}
  if (rest.startsWith('{')) {
    rest = rest.slice(1)
    for (;;) {
      const [whole, label = '', raw = ''] = /^([^=]+)="((?:[^"\\\n]|\\[\\"n])*)"/.exec(rest) ?? []
      if (whole === undefined || !labelName.test(label)) throw new Error(`bad labels: ${line}`)
      if (Object.hasOwn(labels, label)) throw new Error(`label ${label} twice: ${line}`)
      labels[label] = unescapeText(raw, '\\n"')
      rest = rest.slice(whole.length)
      if (rest.startsWith('}')) break
      if (!rest.startsWith(',')) throw new Error(`bad labels: ${line}`)
      rest = rest.slice(1)
    }
    rest = rest.slice(1)
  }
  if (!rest.startsWith(' ') || !number.test(rest.slice(1))) throw new Error(`no value: ${line}`)
  return { name, labels, value: Number(rest.slice(1).replace('Inf', 'Infinity')) }
}

function unescapeText(text: string, allowed: string): string {
  return text.replaceAll(/\\(.?)/g, (_, next: string) => {
    if (next === '' || !allowed.includes(next)) throw new Error(`bad escape in ${text}`)
    return next === 'n' ? '\n' : next
  })
}

function checkFamily({ name, type, help, samples }: Family, format: 'prometheus' | 'openmetrics'): void {
  if (help === '') throw new Error(`${name} says nothing of itself`)
  if (samples.length === 0) throw new Error(`${name} has no samples`)
  const seen = new Set<string>()
  for (const { name: own, labels } of samples) {
    const key = `${own} ${JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)))}`
    if (seen.has(key)) throw new Error(`twice: ${key}`)
    seen.add(key)
  }
  if (type === 'counter') {
    if (format === 'openmetrics' && name.endsWith('_total'))
      throw new Error(`a family of counters ends in _total`)
    const total = format === 'openmetrics' ? `${name}_total` : name
    if (!total.endsWith('_total')) throw new Error(`counter ${name} does not end in _total`)
    for (const { name: own, value } of samples)
      if (own !== total || !(value >= 0)) throw new Error(`${own} ${value} of ${name}`)
  } else if (type === 'gauge') {
    for (const { name: own } of samples) if (own !== name) throw new Error(`${own} of ${name}`)
  } else checkHistogram(name, samples, format)
}

function checkHistogram(
  name: string,
  samples: readonly Sample[],
  format: 'prometheus' | 'openmetrics',
): void {
  const groups = Map.groupBy(samples, ({ labels }) => JSON.stringify({ ...labels, le: '' }))
  for (const [key, group] of groups) {
    const buckets = group.filter((one) => one.name === `${name}_bucket`)
    const counts = group.filter((one) => one.name === `${name}_count`)
    const totals = group.filter((one) => one.name === `${name}_sum`)
    if (counts.length !== 1 || totals.length !== 1 || buckets.length + 2 !== group.length)
      throw new Error(`${name}${key} is no histogram`)
    let last = { bound: -Infinity, value: 0 }
    for (const { labels, value } of buckets) {
      const { le } = labels
      if (le === undefined || !number.test(le)) throw new Error(`a bucket of ${name} without a bound`)
      if (format === 'openmetrics' && /^\d+$/.test(le)) throw new Error(`bound ${le} is no float`)
      const bound = Number(le.replace('Inf', 'Infinity'))
      if (!(bound > last.bound) || value < last.value)
        throw new Error(`bucket ${le} of ${name} is not cumulative`)
      last = { bound, value }
    }
    if (last.bound !== Infinity || last.value !== counts[0]?.value)
      throw new Error(`${name}${key} does not end with all values`)
  }
}
