// What is asked of a simulated supervisor in the course of a world, and when: all drawn at its beginning.

import type { AnyChain } from '../../chain/any-chain.ts'
import type { Config } from '../../supervision/config.ts'
import type { Commands } from './commands.ts'
import type { Draw } from './draw.ts'
import { guestEvents } from './guest.ts'
import type { SeededTime } from './seeded-time.ts'
import { type ChainShape, walkShapes } from './shape.ts'

export interface AgendaOptions {
  readonly commands: Commands
  readonly draw: Draw
  readonly time: SeededTime
  readonly shapes: readonly ChainShape[]
  readonly chains: ReadonlyMap<string, AnyChain>
  /** Stops the process in good order, with so long for attempts to end (ms). */
  readonly stop: (drain: number) => void
  /** The same, with another process that stands by to take over. */
  readonly handOver: (drain: number) => void
}

export interface Agenda {
  /** Plans all that will be asked. */
  schedule(): void
  /** Does something in so many ms, which is waited for. */
  soon(by: number, act: () => void): void
  /** Plans another run with all that is asked of it, for a world in which little has happened. */
  more(): void
  /** Whether all that was planned was asked. */
  over(): boolean
}

const period = 30_000

/** What is changed of the config. */
const changes = [
  'concurrency',
  'hibernateAfter',
  'retryBudget',
  'limiters',
  'steps',
  'nonRetryable',
  'inFlight',
  'edges',
  'edges',
  'chains',
  'chains',
] as const

export function createAgenda({
  commands,
  draw,
  time,
  shapes,
  chains,
  stop,
  handOver,
}: AgendaOptions): Agenda {
  let planned = 0
  let extra = 0
  const soon: Agenda['soon'] = (by, act) => {
    planned++
    time.at(time.now() + by, () => {
      planned--
      act()
    })
  }
  const graph = shapes.filter((shape) => !shape.id.startsWith('leaf'))
  const names = new Set(
    shapes.flatMap(({ entries }) =>
      [...walkShapes(entries)].flatMap(({ kind, name }) => (kind === 'wait' ? [name] : [])),
    ),
  )
  const somewhere = (): { readonly chain: string; readonly step?: string } => {
    const { id: chain, entries } = draw.pick(graph.slice(-3))
    const steps = [...walkShapes(entries)].filter(({ kind }) => kind !== 'parallel' && kind !== 'repeat')
    return draw.likely(60) && steps.length > 0 ? { chain, step: draw.pick(steps).name } : { chain }
  }
  const plan = (id: string): void => {
    const targets = Array.from({ length: draw.likely(25) ? 2 : 1 }, () => draw.pick(graph.slice(-3)).id)
    const target = [...new Set(targets)].map((one) => chains.get(one) as AnyChain)
    const input = { group: draw.below(2) }
    const at = draw.below(period / 2)
    const meanwhile = (): number => at + draw.below(draw.pick([200, 5_000, period]))
    soon(at, () => commands.start(id, target, input))
    if (draw.likely(30)) soon(at + draw.below(200), () => commands.start(id, target, input))
    for (const name of names) {
      for (let n = draw.below(4); n > 0; n--) {
        const key = `${name}-${draw.below(2)}`
        const asks = draw.likely(50)
        soon(draw.pick([0, at]) + draw.below(draw.pick([5_000, period])), () =>
          asks ? commands.ask(id, name, key) : commands.signal(id, name, key),
        )
      }
    }
    for (const { id: to, guest } of graph) {
      for (let n = guest === undefined ? 0 : draw.below(4); n > 0; n--) {
        const type = draw.pick(guestEvents)
        soon(meanwhile(), () => commands.send(id, type, `${to}-${type}-${n}`, to))
      }
    }
    if (draw.likely(50)) {
      const paused = meanwhile()
      soon(paused, () => commands.pause(id))
      soon(paused + draw.below(period / 2), () => commands.resume(id))
    }
    if (draw.likely(20)) soon(meanwhile(), () => commands.cancel(id))
    if (draw.likely(30) && names.size > 0) {
      const one = chains.get(draw.pick(graph).id) as AnyChain
      for (let n = 1 + draw.below(2); n > 0; n--) {
        const name = draw.pick([...names])
        soon(meanwhile(), () => commands.tell(`${id}-told`, one, input, name, `${name}-${draw.below(2)}`))
      }
    }
    for (let n = draw.below(3); n > 0; n--) {
      const from = draw.likely(40) ? somewhere() : undefined
      soon(meanwhile() + draw.below(period), () => commands.retry(id, from))
    }
    if (draw.likely(30)) {
      const moment = draw.likely(60) ? draw.below(100) : somewhere()
      soon(meanwhile() + draw.below(period), () => commands.fork(id, `${id}-fork`, moment))
    }
  }

  const limits = shapes.some(({ entries }) =>
    [...walkShapes(entries)].some(
      (entry) => 'limited' in entry && entry.limited > 0 && !('chain' in entry) && !('transacts' in entry),
    ),
  )
  const change = (): void => {
    const which = draw.pick(changes)
    // what a rule judges cannot be dropped
    const droppable = graph.flatMap(({ id, rule, needs }) =>
      needs.flatMap(({ chain, kind }) =>
        kind !== 'hard' || rule === 'all_success' ? [`${id}<-${chain}`] : [],
      ),
    )
    const dropped = droppable.length === 0 ? undefined : draw.pick(droppable)
    const concurrency = draw.pick([1, 2, 4, 16])
    const { id, entries } = draw.pick(graph)
    const tried = [...walkShapes(entries)].filter((entry) => 'attempts' in entry)
    const step = tried.length === 0 ? undefined : `${id}/${draw.pick(tried).name}`
    const each = tried.find(({ kind }) => kind === 'each')
    const tuning = { attempts: 1 + draw.below(5), timeout: draw.pick([500, 60_000]) }
    const held = draw.likely(50) ? ({ paused: true } as const) : { quarantined: 'by chance' }
    const recipe = (draft: Config): void => {
      if (which === 'concurrency') draft.concurrency = concurrency
      if (which === 'hibernateAfter') draft.hibernateAfter = concurrency * 500
      if (which === 'retryBudget') draft.retryBudget = { ratio: 0.2, window: 5_000, minimum: concurrency }
      if (which === 'limiters' && limits) draft.limiters['shared'] = { inFlight: 2 + concurrency }
      if (which === 'steps' && step !== undefined) draft.steps[step] = tuning
      if (which === 'nonRetryable' && step !== undefined)
        draft.steps[step] = { nonRetryable: ['TypeError', 'timeout'] }
      if (which === 'inFlight' && each !== undefined)
        draft.steps[`${id}/${each.name}`] = { inFlight: 1 + (concurrency % 3) }
      if (which === 'edges' && dropped !== undefined) draft.edges[dropped] = 'dropped'
      if (which === 'chains') draft.chains[id] = held
    }
    const revert = draw.likely(25) && which !== 'chains'
    // it counts for runs that are accepted from then on
    const at = draw.below(which === 'edges' ? 2_000 : period)
    soon(at, () => commands.configure(recipe, revert))
    // whoever holds a chain back lets it go in time
    if (which === 'chains') soon(at + draw.below(period), () => commands.release(id))
  }

  return {
    soon,
    more: () => plan(`more${extra++}`),
    over: () => planned === 0 && commands.wanted.size === 0,
    schedule() {
      for (let n = 3 + draw.below(3); n > 0; n--) plan(`run${n}`)
      for (let n = draw.below(6); n > 0; n--) change()
      const leave = draw.likely(25) ? handOver : draw.likely(20) ? stop : undefined
      if (leave === undefined) return
      const drain = draw.below(5_000)
      soon(draw.below(period), () => leave(drain))
    },
  }
}
