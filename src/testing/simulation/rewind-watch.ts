// Watches retries and forks in a journal: what a retry takes back, and what a fork begins with.

import type { JournalEvent } from '../../journal/event.ts'
import { counting } from '../../journal/rewound.ts'
import type { AttemptWatch } from './attempt-watch.ts'
import type { Proof } from './proof.ts'
import type { RunWatch, WatchedRun } from './run-watch.ts'

type Retried = JournalEvent & { readonly type: 'run.retried' }

export interface RewindWatch {
  /** What a retry finds. */
  before(event: Retried): void
  /** What it leaves. */
  after(event: Retried): void
  /** Compares a fork with its origin, whose history is given. */
  see(event: JournalEvent, histories: ReadonlyMap<string, readonly JournalEvent[]>): void
}

interface Found {
  readonly status: string
  readonly done: readonly string[]
}

export function createRewindWatch(
  proof: Proof,
  { runs, attempts }: { readonly runs: RunWatch; readonly attempts: AttemptWatch },
): RewindWatch {
  let found = new Map<string, Found>()
  const chains = (run: string): Map<string, Found> =>
    new Map(
      [...(runs.runs.get(run)?.nodes ?? [])].map(([key, { status }]) => [
        key,
        { status, done: attempts.done(run, key) },
      ]),
    )
  /** Whether a chain and all that comes before it succeeded. */
  const holds = (run: WatchedRun | undefined, key: string): boolean =>
    found.get(key)?.status === 'succeeded' &&
    (run?.nodes.get(key)?.needs ?? []).every((edge) => holds(run, edge.key))

  return {
    before({ run, seq }) {
      const known = runs.runs.get(run)
      const over = (known?.ended ?? known?.parked) !== undefined
      proof.check('retried', over, () => `${run} is retried at seq ${seq}, but goes on`)
      found = chains(run)
    },
    after({ run, seq, from }) {
      const known = runs.runs.get(run)
      const where = (chain: string): string => `${chain} of ${run}, retried at seq ${seq}`
      for (const [key, { status, done }] of chains(run)) {
        const was = found.get(key)
        if (was === undefined || from !== undefined) continue
        if (holds(known, key)) {
          const same = status === was.status && String(done) === String(was.done)
          proof.check('retried', same, () => `${where(key)}, had succeeded and is ${status}`)
        } else if (status === 'running' && was.status !== 'succeeded') {
          const lost = was.done.filter((step) => !done.includes(step)).join(', ')
          proof.check('retried', lost === '', () => `${where(key)} does ${lost} again`)
        }
      }
    },
    see(event, histories) {
      const copiedAt = runs.runs.get(event.run)?.copiedAt
      if (copiedAt === undefined || event.type !== 'run.ended') return
      const history = histories.get(event.run) ?? []
      const [accepted] = history
      if (accepted?.type !== 'run.accepted' || accepted.origin === undefined) return
      const { run, seq } = accepted.origin
      const past = counting((histories.get(run) ?? []).filter((one) => one.seq <= seq))
      const outcomes = (of: readonly JournalEvent[]): readonly string[] =>
        of.flatMap((one) =>
          // a machine of the user's own is its last recorded state: what came after that begins again
          one.type === 'attempt.succeeded' && one.item?.includes('(machine)') !== true
            ? [`${one.chain}/${one.step}/${one.item ?? ''} ${one.payload}`]
            : [],
        )
      const copied = new Set(outcomes(history))
      const missing = outcomes(past).filter((one) => !copied.has(one))
      proof.check('forked', missing.length === 0, () => `${event.run} lacks ${missing.join(', ')}`)
    },
  }
}
