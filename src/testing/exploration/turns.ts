// What a run comes to next, and how that is told: where it is, and what can go wrong there.

import { type StepOptionsSpec, walk } from '../../definition/spec.ts'
import type { JournalEvent } from '../../journal/event.ts'
import type { Harness } from '../harness/harness.ts'
import type { Memory, Turn } from './acts.ts'
import type { Scene } from './fault.ts'
import { type Hands, nameOf } from './hands.ts'
import type { Setting } from './setting.ts'

/** A turn that a story came to. */
export interface Told {
  readonly at: string
  readonly nth: number
  /** Where the machines were, and what was to happen. */
  readonly place: string
  readonly scene: Scene
}

/** What happens next where nothing goes wrong: slots become free, attempts end, then signals come, then time passes. */
export async function nextTurn(hands: Hands, memory: Memory, { payloads }: Setting): Promise<Turn> {
  const { t } = hands
  if (memory.full) return { kind: 'slots' }
  if (isParked(t.events())) return { kind: 'person' }
  for (const attempt of memory.late) {
    if (attempt.over || !attempt.context.signal.aborted) continue
    memory.late.delete(attempt)
    memory.called(attempt)
    await hands.with(attempt, 'real()', (one) => one.real())
  }
  const attempt = (await t.attempts()).find((one) => !memory.silent.has(one))
  if (attempt !== undefined) return { kind: 'attempt', attempt }
  for (const name of await awaited(t)) {
    const payload = payloads.get(name)
    if (payload !== undefined && !memory.gone.has(name)) return { kind: 'signal', name, payload }
  }
  return { kind: 'time' }
}

async function awaited(t: Harness): Promise<readonly string[]> {
  const { causes } = await t.run.explain()
  return causes.flatMap((cause) => (cause.kind === 'signal' && cause.step !== '' ? [cause.step] : []))
}

/** @param counts how many turns of each kind there were. @param placed whether its place is of interest. */
export function tellTurn(
  turn: Turn,
  t: Harness,
  of: {
    readonly counts: Map<string, number>
    readonly memory: Memory
    readonly setting: Setting
    readonly placed: boolean
  },
): Told {
  const { counts, memory, setting, placed } = of
  const at = atOf(turn, t)
  const nth = (counts.get(at) ?? 0) + 1
  counts.set(at, nth)
  const timed = turn.kind === 'attempt' && endsInTime(turn.attempt, setting.specs)
  const ahead = [...setting.payloads.keys()].filter(
    (name) => !memory.sent.has(name) && !(turn.kind === 'signal' && turn.name === name),
  )
  return {
    at,
    nth,
    place: placed ? placeIn(at, turn, t) : '',
    scene: { kind: turn.kind, timed, commits: 0, ahead },
  }
}

/** Which attempt it is, and why it is undone, tells places apart only roughly, so that they are few. */
function placeIn(at: string, turn: Turn, t: Harness): string {
  const again = turn.kind === 'attempt' && turn.attempt.attempt > 1
  const cancelled = t.events().some(({ type }) => type === 'run.cancel-requested')
  const states = [...t.history().chains].map(([key, chain]) => `${key}: ${chain.states.join(', ')}`)
  return [at, ...(again ? ['again'] : []), ...(cancelled ? ['cancelled'] : []), ...states].join('; ')
}

function atOf(turn: Turn, t: Harness): string {
  if (turn.kind === 'attempt') return nameOf(turn.attempt, t)
  return turn.kind === 'signal' ? `signal ${turn.name}` : turn.kind
}

/** Whether an attempt that says nothing is ended by its time. */
export function endsInTime(
  { chain, step }: { readonly chain: string; readonly step: string },
  specs: Setting['specs'],
): boolean {
  const spec = specs.get(chain)
  const [name, part] = step.split(':')
  const entry = [...walk(spec?.entries ?? [])].find((one) => one.name === name)
  if (entry === undefined || !('options' in entry)) return false
  if (spec?.deadline !== undefined && part !== 'compensation') return true
  // neither heartbeat nor deadline watch over a fallback
  if (part === 'fallback') return entry.options.timeout !== undefined
  const own: StepOptionsSpec | undefined =
    part === 'compensation' ? entry.options.compensate?.options : entry.options
  return own?.timeout !== undefined || own?.heartbeat !== undefined || own?.deadline !== undefined
}

/** Whether nothing moves it on any more: it has ended, or is parked, and who looks at that has done so. */
export function isOver(events: readonly JournalEvent[], looked: boolean): boolean {
  return lastOf(events) === 'run.ended' || (looked && isParked(events))
}

const isParked = (events: readonly JournalEvent[]): boolean => lastOf(events) === 'run.parked'

const lastOf = (events: readonly JournalEvent[]): string | undefined =>
  events.findLast(({ type }) => /^run\.(?:ended|parked|unparked|retried)$/.test(type))?.type
