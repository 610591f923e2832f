// What a row of the bench is: a question with its cases, each measured in a process of its own.

import type { Line } from './line.ts'

/** `quick`: only shows that it runs. `usual`. `full`: at the scale that the bar names, however long that takes. */
export type Size = 'quick' | 'usual' | 'full'

export interface Terms {
  readonly size: Size
  /** An empty folder of its own, on the disk that is measured. */
  readonly folder: string
  /** How often each side has its turn. */
  readonly turns: number
}

export interface Case {
  readonly name: string
  /** Flags of its process. */
  readonly flags?: readonly string[]
  /** Added to its environment. */
  readonly env?: Readonly<Record<string, string>>
  measure(terms: Terms): Promise<readonly Line[]>
}

export interface Row {
  readonly name: string
  readonly title: string
  /** How it is measured, and against what. */
  readonly method: string
  cases(size: Size): readonly Case[]
}

/** The value for this size; `full` is as `usual` where it says nothing else. */
export function sized(size: Size, of: { quick: number; usual: number; full?: number }): number {
  return size === 'full' ? (of.full ?? of.usual) : of[size]
}
