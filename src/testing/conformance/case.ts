// One promise of the store port as a case: a sentence, and a check over stores that the rig makes and closes.

import type { Batch, Row, RunHead, Store, StoreClient } from '../../journal/store.ts'

/** What a case may ask for; all of it is closed for the case afterwards. */
export interface ConformanceRig {
  /** An open store over fresh contents. */
  open(): Promise<Store>
  /** A store over fresh contents, not opened. */
  create(): Promise<Store>
  /** Another store over the contents of `store`, not opened. */
  reopen(store: Store): Promise<Store>
  /** A client beside the executor, where the store has such a thing. */
  readonly client?: (store: Store) => Promise<StoreClient>
}

/** A promise, and the check that it is kept. */
export type ConformanceCase = readonly [sentence: string, check: (rig: ConformanceRig) => Promise<void>]

/** A row with all fields filled in. */
export const sampleRow = (seq: number, fields: Partial<Row> = {}): Row => ({
  seq,
  run: 'run-1',
  type: 'attempt.started',
  at: 1_700_000_000_000 + seq,
  body: `{"seq":${seq}}`,
  payload: null,
  ...fields,
})

/** A running head with all fields filled in. */
export const sampleHead = (run: string, fields: Partial<RunHead> = {}): RunHead => ({
  run,
  chain: 'report',
  status: 'running',
  priority: 0,
  acceptedAt: 1_700_000_000_000,
  endedAt: null,
  wakeAt: null,
  signals: '',
  attributes: '{}',
  ...fields,
})

/** A batch of what is given and nothing else. */
export const sampleBatch = (parts: Partial<Batch>): Batch => ({
  rows: [],
  heads: [],
  snapshots: [],
  inbox: [],
  ...parts,
})

/** Rows `from` to `to`, both included, over `runs` runs in turn. */
export function sampleRows(from: number, to: number, runs = 1): readonly Row[] {
  const count = Math.max(0, to - from + 1)
  return Array.from({ length: count }, (_, index) =>
    sampleRow(from + index, { run: `run-${(index % runs) + 1}` }),
  )
}

/** The `seq` of each row. */
export const seqsOf = (rows: readonly Row[]): number[] => rows.map((row) => row.seq)

/** The run of each head. */
export const runsOf = (heads: readonly RunHead[]): string[] => heads.map((head) => head.run)

/** The code that a promise is rejected with, or `none`; a synchronous throw counts alike. */
export async function codeOf(act: () => unknown): Promise<string> {
  try {
    await act()
    return 'none'
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error) return String(error.code)
    throw error
  }
}
