// Plans a retry: which chains of a run go back, and to where, so that all that was committed and still holds is kept.

import type { ChainSpec } from '../../definition/spec.ts'
import { walk } from '../../definition/spec.ts'
import type { Fact, JournalEvent, Rewind } from '../../journal/event.ts'
import { counting, ownerOf, takesBack } from '../../journal/rewound.ts'
import type { NodeState, RunState } from '../../journal/run-state.ts'
import { encode } from '../../kernel/codec.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import { beginningOf, failedSteps } from './failed-steps.ts'
import { rewindGuest } from './rewind-guest.ts'
import { type RetryFrom, findFrom } from './retry-from.ts'

export type Retried = Extract<Fact, { type: 'run.retried' }>

export interface RetryHost {
  readonly state: RunState
  /** All events of the run, in order. */
  readonly events: readonly JournalEvent[]
  /** The definition of a registered chain. */
  readonly spec: (chain: string) => ChainSpec | undefined
}

/** A run's chains, with the events of each that still count. */
export interface History {
  readonly state: RunState
  readonly of: ReadonlyMap<string, readonly JournalEvent[]>
}

/**
 * Without `from`: chains that did not succeed go on at what failed in them, as do those that they called; what comes
 * after them begins anew. A run that is parked goes on where it stands.
 */
export function planRetry({ state, events, spec }: RetryHost, from: RetryFrom | undefined): Retried {
  const history: History = { state, of: byChain(counting(events)) }
  const target = from === undefined ? undefined : findFrom(history, from, spec)
  const back = target === undefined && state.parked !== undefined ? [] : rewinds(history, spec, target)
  refuseUndone(history, back)
  const fact: Retried = {
    type: 'run.retried',
    ...(target === undefined ? {} : { from: target.named }),
    back,
  }
  const again = givenBack(events, fact, state)
  if (again.length === 0) return fact
  return { ...fact, payload: encode(again, `signals of run ${state.run}`) }
}

function rewinds(
  history: History,
  spec: RetryHost['spec'],
  target: ReturnType<typeof findFrom> | undefined,
): readonly Rewind[] {
  const { state } = history
  const decided = new Map<string, readonly Rewind[]>()
  const root = target === undefined ? undefined : rootOf(state, target.named.chain)

  const decide = (node: NodeState): readonly Rewind[] => {
    const { key } = node
    const known = decided.get(key)
    if (known !== undefined) return known
    // a graph has no circles; what asks for itself all the same finds nothing
    decided.set(key, [])
    const goesBack = node.needs.some((edge) => {
      const upstream = state.nodes.get(edge.key)
      return upstream !== undefined && decide(upstream).length > 0 && !beganBefore(history, key, upstream.key)
    })
    const back = goesBack ? wholeTree(history, key, 0) : own(node)
    decided.set(key, back)
    return back
  }
  const own = (node: NodeState): readonly Rewind[] => {
    if (target !== undefined && node.key === root) return wholeTree(history, node.key, target.to)
    if (node.status === 'succeeded' || node.status === 'pending' || node.status === 'running') return []
    if (startOf(history, node.key) === undefined) return [{ chain: node.key, to: 0 }]
    return failedTree(history, node, spec)
  }
  return [...state.nodes.values()].flatMap((node) => (node.call === undefined ? decide(node) : []))
}

/** A chain and all that it called, as they were at `to`. */
function wholeTree(history: History, key: string, to: number): readonly Rewind[] {
  const events = history.of.get(key) ?? []
  const started = startOf(history, key)
  // an aborted attempt may settle after all else
  const last = events.findLast(({ type }) => type !== 'attempt.settled-late')
  const own: readonly Rewind[] =
    last === undefined || last.seq <= to
      ? []
      : [{ chain: key, to: started === undefined || started > to ? 0 : to }]
  return [...own, ...calledBy(history.state, key).flatMap((node) => wholeTree(history, node.key, to))]
}

/** A chain that did not succeed, before what failed in it; the rest of it is kept. */
function failedTree(history: History, node: NodeState, spec: RetryHost['spec']): readonly Rewind[] {
  const { key } = node
  const events = history.of.get(key) ?? []
  const ended = events.findLast(({ type }) => type === 'chain.ended')
  const entries = spec(node.chain)?.entries ?? []
  if (spec(node.chain)?.guest !== undefined) return [rewindGuest(key, events)]
  const kinds = new Map([...walk(entries)].map((entry) => [entry.name, entry]))
  const collects = (step: string): boolean => {
    const entry = kinds.get(step)
    return entry?.kind === 'each' && entry.onFailure === 'collect'
  }
  const to = (events.find(endsIt)?.seq ?? Infinity) - 1
  const before = events.filter(({ seq }) => seq <= to)
  const culprit = ended?.type === 'chain.ended' ? ended.step : undefined
  const without = failedSteps(before, kinds, culprit).map(({ step, item }) => ({
    step,
    ...(item === undefined ? {} : { item }),
    after: beginningOf(before, step, item) - 1,
  }))
  const own: Rewind = {
    chain: key,
    to: before.at(-1)?.seq ?? 0,
    ...(without.length === 0 ? {} : { without }),
  }
  const called = lastCalledBy(history, key).filter(
    ({ key: callee, status, call }) =>
      status === 'cancelled' ||
      (status === 'failed' &&
        !collects(call?.step ?? '') &&
        !isTaken(history.of.get(callee), call, { own, before })),
  )
  return [own, ...called.flatMap((callee) => failedTree(history, callee, spec))]
}

/** Whether the caller that goes back still has what it decided of the callee's failure: to call it once more, later. */
function isTaken(
  callee: readonly JournalEvent[] | undefined,
  call: NodeState['call'],
  { own, before }: { readonly own: Rewind; readonly before: readonly JournalEvent[] },
): boolean {
  const ended = callee?.findLast(({ type }) => type === 'chain.ended')?.seq ?? Infinity
  return before.some(
    (event) =>
      event.type === 'decision.made' &&
      event.seq > ended &&
      event.step === `${call?.step}:recovery` &&
      event.item === call?.item &&
      !takesBack(own, event),
  )
}

/** With which a chain stops to get on: it is cut short, settles to undo what it began, or has ended. */
function endsIt(event: JournalEvent): boolean {
  if (event.type === 'chain.ended' || event.type === 'chain.cut-short') return true
  return 'step' in event && ownerOf(event.step) === 'compensating'
}

/** What was undone was undone for good: a service would take the same key for what it has done already. */
function refuseUndone({ state, of }: History, back: readonly Rewind[]): void {
  for (const { chain } of back) {
    const undone = of
      .get(chain)
      ?.some(
        (event) =>
          event.type === 'chain.undone' ||
          (event.type === 'attempt.started' && event.step.endsWith(':compensation')),
      )
    if (undone !== true) continue
    throw new CatenaryError(
      'RUN_NOT_RETRYABLE',
      `run ${state.run} cannot be retried: chain "${chain}" has undone what it did; start a new run`,
    )
  }
}

/** Whether a chain began before its upstream had ended, and so without what that returned. */
function beganBefore(history: History, key: string, upstream: string): boolean {
  const began = startOf(history, key)
  if (began === undefined) return false
  const ended = history.of.get(upstream)?.findLast(({ type }) => type === 'chain.ended')
  return ended === undefined || began < ended.seq
}

function startOf({ of }: History, key: string): number | undefined {
  return of.get(key)?.find(({ type }) => type === 'chain.started')?.seq
}

function calledBy({ nodes }: RunState, key: string): readonly NodeState[] {
  return [...nodes.values()].filter(({ call }) => call?.chain === key)
}

/** Of what a step, or an item of it, called again and again, the last one. */
function lastCalledBy(history: History, key: string): readonly NodeState[] {
  const last = new Map<string, NodeState>()
  for (const node of calledBy(history.state, key)) {
    const place = JSON.stringify([node.call?.step, node.call?.item])
    const known = last.get(place)
    const began = startOf(history, node.key) ?? 0
    if (known === undefined || began > (startOf(history, known.key) ?? 0)) last.set(place, node)
  }
  return [...last.values()]
}

function rootOf(state: RunState, key: string): string {
  let root = key
  for (let call = state.nodes.get(key)?.call; call !== undefined; call = state.nodes.get(root)?.call)
    root = call.chain
  return root
}

/** The events of each chain, in order. */
export function byChain(events: readonly JournalEvent[]): ReadonlyMap<string, readonly JournalEvent[]> {
  const of = new Map<string, JournalEvent[]>()
  for (const event of events) {
    if (!('chain' in event)) continue
    const known = of.get(event.chain)
    if (known === undefined) of.set(event.chain, [event])
    else known.push(event)
  }
  return of
}

/** The signals whose consumption no longer counts. */
function givenBack(events: readonly JournalEvent[], fact: Retried, { run }: RunState): readonly object[] {
  const consumed = counting(events).filter((event) => event.type === 'signal.consumed')
  if (consumed.length === 0) return []
  const retried: JournalEvent = { ...fact, seq: Infinity, at: 0, run }
  const kept = new Set(counting([...events, retried]))
  return consumed.filter((event) => !kept.has(event)).map(({ name, id, payload }) => ({ name, id, payload }))
}
