// Reads what suggestions are drawn from out of a journal, in slices: runs as measured, what is declared, the config, and what was decided before.

import { toEvent } from '../../journal/encoding.ts'
import { Declared } from '../../journal/declared.ts'
import type { JournalEvent } from '../../journal/event.ts'
import type { StoreReader } from '../../journal/store.ts'
import type { Clock } from '../../kernel/clock.ts'
import { decode } from '../../kernel/codec.ts'
import type { Declaration } from '../../definition/declaration.ts'
import { createRunRecords } from '../../observe/run-records.ts'
import { type Pace, createPace } from '../../observe/pace.ts'
import type { RunRecord } from '../../observe/run-record.ts'
import { Standing } from '../../reflection/standing.ts'
import type { Suggestion } from '../../reflection/suggestion.ts'
import { type Config, type ConfigChange, createConfig } from '../../supervision/config.ts'

/** What detectors are given. */
export interface ReadEvidence {
  readonly records: readonly RunRecord[]
  readonly declaration: Declaration
  readonly config: Readonly<Config> & { readonly version: number }
  readonly now: number
}

export type Suggest = (evidence: ReadEvidence) => readonly Suggestion[] | Promise<readonly Suggestion[]>

/** Events of the journal that one look reads, from its end. */
const mostRead = 200_000
const page = 250

export interface EvidenceReader {
  /** Reads what came since; undefined before any supervisor has declared anything. */
  read(): Promise<ReadEvidence | undefined>
  /** How suggestions stand, as far as it was read. */
  readonly standing: Standing
}

interface Reading {
  /** Whether to go on. Default always. */
  readonly wanted?: () => boolean
  /** Counts what reading takes. */
  readonly pace?: Pace
}

export function createEvidenceReader(
  reader: () => Pick<StoreReader, 'journal' | 'rows' | 'lastSeq'>,
  clock: Clock,
  { wanted = () => true, pace = createPace(clock, 1) }: Reading = {},
): EvidenceReader {
  let records = createRunRecords()
  const declared = new Declared()
  const standing = new Standing()
  const changes: ConfigChange[] = []
  let last = 0

  const apply = (event: JournalEvent): void => {
    if (event.run !== '') return
    declared.apply(event)
    standing.apply(event)
    if (event.type !== 'config.changed' || event.payload === undefined) return
    const { patch, inverse } = decode(event.payload) as Omit<ConfigChange, 'version'>
    changes.push({ version: event.version, patch, inverse })
  }
  /** Leaves out what is too far back; what carries no run is little, and all of it counts. */
  const skipTo = async (seq: number): Promise<void> => {
    for (const row of await reader().rows('', last)) if (row.seq <= seq) apply(toEvent(row))
    last = seq
    // runs of which a part is missing would be measured wrongly
    records = createRunRecords()
  }
  const configOf = ({ concurrency }: Declaration): ReadEvidence['config'] => {
    const config = createConfig({ concurrency, hibernateAfter: 2_000, steps: {} })
    for (const change of changes) config.replay(change)
    return { ...config.current, version: config.version }
  }

  return {
    standing,
    async read() {
      const from = (await reader().lastSeq()) - mostRead
      if (from > last) await skipTo(from)
      for (let full = true; full && wanted();) {
        const rows = await pace.spend(async () => reader().journal({ after: last, limit: page }))
        pace.spend(() => {
          for (const row of rows) {
            const event = toEvent(row)
            apply(event)
            records.apply(event)
            last = event.seq
          }
        })
        full = rows.length === page
        await new Promise<void>((resolve) => clock.soon(resolve))
      }
      const { declaration } = declared
      if (declaration === undefined) return undefined
      return {
        records: [...records.ended.values()],
        declaration,
        config: configOf(declaration),
        now: clock.now(),
      }
    },
  }
}
