// What report.json holds: only what follows from the packages, so that the same packages give the same bytes.

import type { Answer } from '../chains/verify.ts'
import type { LockCheck } from '../packages/lockfile.ts'
import type { Alias } from '../packages/walk.ts'
import type { Recovery } from '../recovery.ts'

export interface Report {
  /** Changes when the shape of this does. */
  readonly format: 1
  readonly totals: Totals
  readonly packages: readonly PackageRow[]
  readonly questions: readonly Answer[]
  /** How many packages were asked for by their own name, and found. */
  readonly named: number
  readonly recoveries: readonly Recovery[]
  readonly brokenLinks: readonly BrokenRow[]
  readonly licenses: LicenseTable
  /** Names that are there in more than one version. */
  readonly duplicates: readonly { readonly name: string; readonly versions: readonly string[] }[]
  readonly aliases: readonly Alias[]
  readonly lockfile: LockCheck
}

export interface Totals {
  readonly packages: number
  /** Packages that a limit left out. */
  readonly left: number
  readonly documents: number
  readonly sections: number
  readonly characters: number
  readonly recoveries: number
  readonly links: number
  readonly broken: number
}

export interface PackageRow {
  readonly path: string
  readonly name: string
  readonly version: string
  readonly documents: number
  readonly sections: number
  readonly links: number
  readonly broken: number
  /** Null where nothing says it, or licences were not found out. */
  readonly license: string | null
}

export interface BrokenRow {
  readonly package: string
  readonly file: string
  readonly target: string
  readonly why: string
}

/** `unavailable`: that branch failed, and the report was made without it. */
export type LicenseTable =
  | { readonly status: 'unavailable' }
  | {
      readonly status: 'known'
      readonly counts: readonly { readonly license: string; readonly packages: number }[]
      readonly unknown: readonly string[]
      /** Known from the text of a file only. */
      readonly fromText: readonly {
        readonly package: string
        readonly license: string
        readonly file: string
      }[]
    }
