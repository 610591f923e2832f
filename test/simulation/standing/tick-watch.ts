// Watches the runs that schedules start: one a tick at most, in its time, and none missed that had to be.

import type { JournalEvent } from '../../../src/journal/event.ts'
import type { Proof } from '../../../src/testing/simulation/proof.ts'
import type { ScheduleShape } from './shape.ts'

/** When a process was there, to its end. */
export interface Up {
  /** It began: what it notes as due, another may begin. */
  readonly from: number
  /** It had opened, and attends to all. */
  opened: number
  /** Until when it did. */
  attends: number
  to: number
}

export interface TickWatch {
  see(event: JournalEvent): void
  /** Whether every tick up to `until` that had to start a run has. */
  judge(until: number): void
}

interface Started {
  readonly tick: number
  readonly at: number
  endedAt: number
}

/** A tick that is taken up so late is a late one (ms). */
const onTime = 10_000
/** How long it takes at most until what is decided is written, and read (ms). */
const slack = 2_000

export function createTickWatch(
  proof: Proof,
  schedules: readonly ScheduleShape[],
  ups: readonly Up[],
): TickWatch {
  const byChain = new Map(schedules.map((shape) => [shape.chain, shape]))
  const started = new Map<string, Started[]>(schedules.map(({ chain }) => [chain, []]))
  const runs = new Map<string, Started>()
  const shown = (at: number): string => new Date(at).toISOString()

  const accepted = (event: JournalEvent & { readonly type: 'run.accepted' }): void => {
    const [chain = ''] = event.targets
    const shape = byChain.get(chain)
    const all = started.get(chain)
    if (event.tick === undefined || shape === undefined || all === undefined) return
    const { scheduledAt: tick } = event.tick
    const { period, offset, overlap, catchUp, jitter } = shape
    const where = (): string =>
      `${chain} (${overlap}, ${catchUp}), tick ${shown(tick)}, begins at ${shown(event.at)}`
    proof.check(
      'tick',
      tick % period === offset && event.at >= tick,
      () => `${where()}, which is no tick by then`,
    )
    proof.check(
      'tick',
      all.every((one) => one.tick !== tick),
      () => `${where()}, for the second time`,
    )
    const open = all.filter(({ endedAt }) => endedAt === Infinity)
    if (overlap !== 'allow')
      proof.check(
        'overlap',
        open.length === 0,
        () => `${where()} beside that of ${shown(open[0]?.tick ?? 0)}`,
      )
    const attended = ups.some(({ from, to }) => from <= tick + jitter + onTime + slack && to >= tick)
    if (!attended) {
      proof.check('caught-up', catchUp !== 'none', () => `${where()}, late, and none is to be caught up`)
      const boot = Math.min(...ups.flatMap(({ from }) => (from > tick ? [from] : [])))
      if (catchUp === 'last')
        proof.check(
          'caught-up',
          tick + period + jitter + slack > boot,
          () => `${where()}, and is not the last`,
        )
    }
    const one = { tick, at: event.at, endedAt: Infinity }
    all.push(one)
    runs.set(event.run, one)
  }

  /** Whether nothing excuses that the tick has started no run. */
  const isMissed = (
    { overlap, catchUp, period, jitter }: ScheduleShape,
    tick: number,
    all: readonly Started[],
  ): boolean => {
    const attended = ups.some(
      ({ opened, attends }) => opened <= tick - slack && attends >= tick + jitter + onTime + slack,
    )
    // it waits in the queue behind one that has not ended
    if (overlap === 'queue' && all.some((one) => one.tick < tick && one.endedAt === Infinity)) return false
    if (overlap === 'allow' || overlap === 'queue') return attended || catchUp === 'all'
    if (!attended) return false
    const until = tick + jitter + slack + onTime + (overlap === 'cancel' ? period : 0)
    return !all.some(({ at, endedAt }) => at <= until && endedAt >= tick - slack)
  }

  return {
    see(event) {
      if (event.type === 'run.accepted') return accepted(event)
      if (event.type !== 'run.ended' && event.type !== 'run.parked') return
      const one = runs.get(event.run)
      if (one !== undefined) one.endedAt = Math.min(one.endedAt, event.at)
    },
    judge(until) {
      const from = Math.min(...ups.map(({ opened }) => opened)) + slack
      for (const shape of schedules) {
        const { chain, period, offset, overlap, catchUp, jitter } = shape
        const all = started.get(chain) ?? []
        const ticks = new Set(all.map(({ tick }) => tick))
        for (
          let tick = Math.ceil((from - offset) / period) * period + offset;
          tick + jitter <= until;
          tick += period
        )
          proof.check(
            'missed',
            ticks.has(tick) || !isMissed(shape, tick, all),
            () => `${chain} (${overlap}, ${catchUp}, every ${period} ms): nothing began for ${shown(tick)}`,
          )
      }
    },
  }
}
