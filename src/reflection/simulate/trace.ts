// A chain whose structure is not known, such as a user's own machine: each of its attempts follows what it followed.

import { type Actor, attempts } from './attempts.ts'
import type { Recorded } from './recorded.ts'
import type { Scope } from './scope.ts'

/** An attempt is taken to follow the last thing that had ended when it came forward, after the same while. */
export function trace(actor: Actor, recorded: Recorded, scope: Scope, done: (ok: boolean) => void): void {
  const { record } = recorded
  const { agenda } = actor.run.world
  const start = record.startedAt ?? record.readyAt ?? 0
  const works = [
    ...new Set(
      record.attempts
        .filter(({ part }) => part !== 'compensation')
        .map(({ step, item }) => `${step}\n${item ?? ''}`),
    ),
  ]
    .map((key) => {
      const [step = '', item = ''] = key.split('\n')
      const of = recorded.attempts(step, item === '' ? undefined : item)
      const first = of?.main[0]
      const last = [...(of?.main ?? []), ...(of?.fallback ?? [])].at(-1)
      return of === undefined || first === undefined
        ? undefined
        : { of, from: first.enqueuedAt, to: last?.endedAt ?? first.enqueuedAt, next: [] as number[] }
    })
    .filter((work) => work !== undefined)
    .sort((a, b) => a.from - b.from)
  let open = works.length
  const roots: number[] = []
  for (const [at, work] of works.entries()) {
    let before: number | undefined
    for (let one = 0; one < at; one++) {
      const to = works[one]?.to ?? Infinity
      if (to <= work.from && to >= (before === undefined ? start : (works[before]?.to ?? start))) before = one
    }
    if (before === undefined) roots.push(at)
    else works[before]?.next.push(at)
  }
  const begin = (at: number, after: number): void => {
    const work = works[at]
    if (work === undefined) return
    scope.after(agenda, work.from - after, () =>
      actor.run.turn(() =>
        attempts(actor, work.of, scope, () => {
          open--
          for (const next of work.next) begin(next, work.to)
          if (open === 0) done(record.status === 'succeeded')
        }),
      ),
    )
  }
  if (open === 0)
    return scope.after(agenda, Math.max(0, (record.endedAt ?? start) - start - recorded.epilogue), () =>
      actor.run.turn(() => done(record.status === 'succeeded')),
    )
  for (const root of roots) begin(root, start)
}
