// How far a run is, as a fold over its journal: the same whether the events are read back or come in live.

export interface Fact {
  readonly type: string
  /** Ms since the epoch. */
  readonly at: number
  readonly chain?: string
  readonly step?: string
  readonly item?: string
  readonly status?: string
}

export interface ChainProgress {
  readonly status:
    | 'waiting'
    | 'running'
    | 'succeeded'
    | 'failed'
    | 'skipped'
    | 'upstream_failed'
    | 'cancelled'
  /** The step that began last, and how many of its items have ended where it is a fan-out. */
  readonly step: string
  readonly items: number
  /** Attempts that failed, and attempts that were lost with their process. */
  readonly failed: number
  readonly lost: number
  readonly startedAt: number
  readonly endedAt: number
}

export type Progress = ReadonlyMap<string, ChainProgress>

const waiting: ChainProgress = {
  status: 'waiting',
  step: '',
  items: 0,
  failed: 0,
  lost: 0,
  startedAt: 0,
  endedAt: 0,
}

export function begin(chains: readonly string[]): Progress {
  return new Map(chains.map((name) => [name, waiting]))
}

/** The progress after one more event; the same one where the event says nothing about it. */
export function advance(progress: Progress, fact: Fact): Progress {
  const { chain } = fact
  const before = chain === undefined ? undefined : progress.get(chain)
  if (chain === undefined || before === undefined) return progress
  const after = next(before, fact)
  return after === before ? progress : new Map(progress).set(chain, after)
}

function next(before: ChainProgress, { type, at, step = '', item, status }: Fact): ChainProgress {
  switch (type) {
    case 'chain.started':
      return { ...before, status: 'running', startedAt: at }
    case 'chain.ended':
      return { ...before, status: (status ?? 'failed') as ChainProgress['status'], endedAt: at }
    case 'attempt.started':
      return step === before.step ? before : { ...before, step, items: 0 }
    case 'attempt.succeeded':
      return item === undefined ? before : { ...before, items: before.items + 1 }
    case 'attempt.failed':
      return { ...before, failed: before.failed + 1 }
    case 'attempt.lost':
      return { ...before, lost: before.lost + 1 }
    default:
      return before
  }
}
