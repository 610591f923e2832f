// Watches that runs keep to the config as it is meanwhile: chains held back, needs dropped, what is not retried, items.

import type { JournalEvent } from '../../journal/event.ts'
import type { RunState } from '../../journal/run-state.ts'
import { attemptPath } from './attempt-watch.ts'
import { type ConfigWatch, isHopeless } from './config-watch.ts'
import type { Config } from '../../supervision/config.ts'
import type { Proof } from './proof.ts'
import { type ChainShape, walkShapes } from './shape.ts'

export interface TuningWatch {
  /** @param state the run as it is with this event; @param copied whether it happened to another run. */
  see(event: JournalEvent, state: RunState | undefined, copied: boolean): void
}

/** Runs that differ from the others in what they run under. */
export interface Variants {
  /** Is told each event before all that judge it. */
  see(event: JournalEvent): void
  /** What a run runs under at a moment: one of these. */
  of(run: string, at: number): readonly Readonly<Config>[]
}

/** A step of a chain, as the config names it. */
type Place = `${string}/${string}`
type Attempted = Extract<JournalEvent, { readonly attempt: number }>

export function createTuningWatch(
  proof: Proof,
  shapes: ReadonlyMap<string, ChainShape>,
  config: ConfigWatch,
  variants?: Pick<Variants, 'of'>,
): TuningWatch {
  const configsOf = ({ run, at }: JournalEvent): readonly Readonly<Config>[] =>
    variants?.of(run, at) ?? [config.current]
  const eaches = new Map(
    [...shapes.values()].flatMap(({ id, entries }) =>
      [...walkShapes(entries)].flatMap((entry) =>
        entry.kind === 'each' && entry.chain === undefined
          ? [[`${id}/${entry.name}`, entry.inFlight] as const]
          : [],
      ),
    ),
  )
  /** Attempts that failed in a way that is of no use to retry. */
  const hopeless = new Map<string, number>()
  const inFlight = new Map<string, Set<string>>()

  const accepted = (event: JournalEvent & { readonly type: 'run.accepted' }): void => {
    if (event.origin !== undefined) return
    const { chains } = config.current
    const configs = configsOf(event)
    for (const target of event.targets) {
      const why = chains[target]?.quarantined
      proof.check('held', why === undefined, () => `${event.run} is accepted, but ${target} is quarantined`)
    }
    for (const { chain, needs } of event.plan)
      for (const { chain: name } of shapes.get(chain)?.needs ?? []) {
        const dropped = configs.map(({ edges }) => edges[`${chain}<-${name}`] !== undefined)
        const there = needs.some((edge) => edge.name === name)
        if (dropped.includes(true) || !there)
          proof.check(
            'dropped',
            dropped.includes(!there),
            () => `the need ${name} of ${chain} is ${there ? '' : 'not '}in the plan of ${event.run}`,
          )
      }
  }
  const failed = (event: Attempted & { readonly type: 'attempt.failed' }, place: Place): void => {
    if (!configsOf(event).every((under) => isHopeless(under, place, event.failure))) return
    proof.check('hopeless', true, () => '')
    hopeless.set(attemptPath(event.run, event), event.attempt)
  }
  const started = (event: Attempted, place: Place): void => {
    const path = attemptPath(event.run, event)
    proof.check(
      'hopeless',
      hopeless.get(path) !== event.attempt - 1,
      () => `${path} is tried again at seq ${event.seq}`,
    )
    const told = eaches.get(place)
    if (told === undefined) return
    const each = attemptPath(event.run, { chain: event.chain, step: event.step })
    const items = inFlight.get(each) ?? new Set()
    inFlight.set(each, items.add(path))
    const most = Math.max(...configsOf(event).map(({ steps }) => steps[place]?.inFlight ?? told))
    proof.check('narrow', items.size <= most, () => `${path} is number ${items.size} of ${most}`)
  }

  return {
    see(event, state, copied) {
      if (event.type === 'run.accepted') return accepted(event)
      if (event.type === 'run.retried') {
        for (const kept of [hopeless, inFlight])
          for (const key of kept.keys()) if (key.startsWith(`${event.run}/`)) kept.delete(key)
        return
      }
      if (copied || !('chain' in event)) return
      const of = state?.nodes.get(event.chain)?.chain ?? event.chain
      if (event.type === 'chain.started') {
        if (event.call !== undefined) return
        const { paused, quarantined } = config.current.chains[of] ?? {}
        const holds = paused !== undefined || quarantined !== undefined
        proof.check('held', !holds, () => `${event.chain} of ${event.run} begins at seq ${event.seq}`)
        return
      }
      if (!('attempt' in event)) return
      const place: Place = `${of}/${event.step}`
      if (event.type === 'attempt.started') return started(event, place)
      if (event.type === 'attempt.failed') failed(event, place)
      if (event.type !== 'attempt.queued' && event.type !== 'attempt.hedged')
        inFlight
          .get(attemptPath(event.run, { chain: event.chain, step: event.step }))
          ?.delete(attemptPath(event.run, event))
    },
  }
}
