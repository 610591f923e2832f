// What the bench prints: figures with their spread, the ratio to a floor of the same run, and the bar they must reach.

/** Several measurements of one thing. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
  readonly samples: number
}

/** What a figure must reach. */
export interface Bar {
  readonly of: 'ratio' | 'value'
  readonly most?: number
  readonly least?: number
}

/** One printed figure. */
export interface Line {
  readonly case: string
  /** What an acknowledged write outlasts, or `-` where nothing is written. */
  readonly durability: string
  /** What is counted, such as `steps/s` or `ms a run`. */
  readonly figure: string
  readonly value: Spread
  /** Ours over the floor's, repetition by repetition. */
  readonly ratio?: Spread & { readonly to: string }
  readonly bar?: { readonly text: string; readonly met: boolean }
  readonly note?: string
}

/** What a line is made from: the samples of both sides, in the order in which they took turns. */
export interface Measured {
  readonly case: string
  readonly durability: string
  readonly figure: string
  readonly samples: readonly number[]
  readonly floor?: { readonly is: string; readonly samples: readonly number[] }
  readonly bar?: Bar
  readonly note?: string
}

export function lineOf({ samples, floor, bar, ...rest }: Measured): Line {
  const value = spreadOf(samples)
  const ratio =
    floor === undefined
      ? undefined
      : { to: floor.is, ...spreadOf(samples.map((sample, at) => sample / (floor.samples[at] ?? NaN))) }
  const judged = bar?.of === 'ratio' ? ratio?.median : value.median
  return {
    ...rest,
    value,
    ...(ratio === undefined ? {} : { ratio }),
    ...(bar === undefined ? {} : { bar: { text: textOf(bar), met: reaches(bar, judged ?? NaN) } }),
  }
}

export function spreadOf(samples: readonly number[]): Spread {
  const sorted = samples.toSorted((a, b) => a - b)
  return {
    median: percentile(sorted, 0.5),
    min: sorted[0] ?? NaN,
    max: sorted.at(-1) ?? NaN,
    samples: sorted.length,
  }
}

/** @param share in [0, 1]: 0.99 gives the 99th percentile. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
}

function reaches({ most = Infinity, least = -Infinity }: Bar, value: number): boolean {
  return value <= most && value >= least
}

function textOf({ of, most, least }: Bar): string {
  const unit = of === 'ratio' ? 'x' : ''
  return most === undefined ? `>= ${digits(least ?? 0)}${unit}` : `<= ${digits(most)}${unit}`
}

/** A number as a person reads it: three digits that matter, thousands apart. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return '-'
  const decimals = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))))
  return Number(value.toFixed(Math.min(3, decimals))).toLocaleString('en-US', { maximumFractionDigits: 3 })
}
