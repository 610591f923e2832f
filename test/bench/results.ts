// What one run of the bench found, as `--json` prints it.

import type { Line } from './line.ts'
import type { Machine } from './machine-now.ts'
import type { Size } from './row.ts'

export interface MeasuredRow {
  readonly name: string
  readonly title: string
  readonly method: string
  readonly lines: readonly Line[]
  /** Cases that could not be measured, and why. */
  readonly problems: readonly string[]
}

export interface Results {
  /** Raised when the form changes. */
  readonly bench: 1
  readonly size: Size
  readonly turns: number
  readonly machine: Machine
  readonly rows: readonly MeasuredRow[]
}
