// One run, alive: its graph's state, its live chains, and the turns in which facts are gathered and committed.

import type { ChainOutcome, CompiledChain } from '../definition/compiled-chain.ts'
import { decode } from '../kernel/codec.ts'
import type { Fact } from '../journal/event.ts'
import { chainInput, type RunFold } from '../journal/replay-run.ts'
import type { ChainFold } from '../journal/replay.ts'
import { type NodeState, type RunState, applyToRun } from '../journal/run-state.ts'
import type { RunHead } from '../journal/store.ts'
import { type Command, advance } from '../supervision/advance.ts'
import { type ChainParent, createLiveChain, type LiveChain } from './live-chain.ts'
import { toPayload } from './payloads.ts'
import { headOf, sameHead } from './run-head.ts'
import { snapshotOf } from './run-snapshot.ts'
import type { Services } from './services.ts'

export interface RunWatcher {
  /** The run's end is durable. */
  ended(state: RunState): void
  /** Nothing but time, a signal or a command moves it, and that is durable: it may leave memory. */
  idle(run: LiveRun, wakeAt: number | null): void
}

export interface LiveRun {
  readonly state: RunState
  readonly chains: ReadonlyMap<string, LiveChain>
  /** Records facts and commits all that they cause together. `reply` answers the inbox entry that asked for it. */
  turn(work: () => void, inbox?: { readonly id: number; readonly reply: string }): void
  record(fact: Fact): void
  /** Calls back once what this turn records is durable. */
  afterCommit(effect: () => void): void
  /** Resolves once all that was recorded so far is durable. */
  settled(): Promise<void>
  begin(): void
  /** Goes on where `fold` says it was; attempts lost with the last process are recorded as such. */
  restore(fold: RunFold): void
  signal(name: string, id: string, payload: string | undefined): void
  cancel(reason: string | undefined): void
  pause(): void
  resume(): void
  /** Drops it from memory without a trace. */
  detach(): void
}

/** A run in memory; `state` is changed by its recorded facts only. */
export function createLiveRun(state: RunState, services: Services, watcher: RunWatcher): LiveRun {
  const { clock, committer, limits } = services
  const chains = new Map<string, LiveChain>()
  let facts: Fact[] = []
  let effects: (() => void)[] = []
  let pumps: (() => void)[] = []
  let depth = 0
  let turns = 0
  let head: RunHead | undefined
  let detached = false

  const record = (fact: Fact): void => {
    facts.push(fact)
    if (movesRun(fact)) applyToRun(state, { ...fact, seq: state.lastSeq, at: clock.now(), run: state.run })
  }

  const turn: LiveRun['turn'] = (work, inbox) => {
    if (detached) return
    depth++
    try {
      work()
      if (depth === 1) {
        for (let next = 0; next < pumps.length; next++) pumps[next]?.()
        pumps = []
      }
    } finally {
      depth--
      if (depth === 0) flush(inbox)
    }
  }

  const flush = (inbox?: { readonly id: number; readonly reply: string }): void => {
    if (facts.length === 0 && effects.length === 0 && inbox === undefined) return
    const mine = ++turns
    const [recorded, waiting] = [facts, effects]
    facts = []
    effects = []
    const idle = isIdle()
    const next = headOf(state, idle ? { wakeAt: idleUntil(), signals: signalsAwaited() } : undefined)
    const changed = head === undefined || !sameHead(head, next)
    head = next
    const events = committer.submit({
      run: state.run,
      facts: recorded,
      head: changed ? next : undefined,
      ...(idle && !state.paused ? { snapshot: (seq) => snapshotOf(state, chains, seq) } : {}),
      ...(inbox === undefined ? {} : { inbox }),
      committed: () => {
        if (detached) return
        for (const effect of waiting) effect()
        if (state.ended !== undefined && mine === turns) watcher.ended(state)
        else if (idle && mine === turns) watcher.idle(live, next.wakeAt)
      },
    })
    const last = events.at(-1)
    if (last !== undefined) state.lastSeq = last.seq
  }

  const isIdle = (): boolean => {
    if (state.ended !== undefined) return false
    if (gated.size > 0) return false
    for (const chain of chains.values()) {
      if (state.paused ? chain.inFlight > 0 : chain.busy > 0) return false
    }
    const due = idleUntil()
    return due === null || due - clock.now() > limits.hibernateAfter
  }

  const idleUntil = (): number | null => {
    let soonest = Infinity
    for (const chain of chains.values()) for (const due of chain.dues()) soonest = Math.min(soonest, due)
    return soonest === Infinity ? null : soonest
  }

  const signalsAwaited = (): string => {
    const names = [...chains.values()].flatMap(({ waiting }) => [...waiting])
    return names.length === 0 ? '' : `,${names.join(',')},`
  }

  const obey = (commands: readonly Command[]): void => {
    for (const command of commands) {
      if (command.do === 'end') {
        record({ type: 'run.ended', status: command.status, failures: command.failures })
      } else if (command.do === 'cancel') chains.get(command.key)?.cancel()
      else if (command.do === 'settle') {
        if (state.nodes.get(command.key)?.status !== 'pending') continue
        record({ type: 'chain.ended', chain: command.key, status: command.status })
        pumps.push(() => obey(advance(state, command.key)))
      } else startNode(command.key)
    }
  }

  const gated = new Set<string>()
  const startNode = (key: string): void => {
    const node = state.nodes.get(key)
    if (node === undefined || node.status !== 'pending' || gated.has(key)) return
    const chain = services.chain(node.chain)
    if (chain === undefined) return
    gated.add(key)
    services.gate(chain, node, () =>
      turn(() => {
        if (!gated.delete(key) || node.status !== 'pending') return services.ungate(chain, node)
        record({ type: 'chain.started', chain: key })
        launch(node, chain)
      }),
    )
  }

  const launch = (node: NodeState, chain: CompiledChain, fold?: ChainFold): LiveChain => {
    const live = createLiveChain(
      parent,
      node.key,
      chain,
      fold === undefined ? { input: chainInput(state, node) } : { fold },
    )
    chains.set(node.key, live)
    live.start()
    return live
  }

  const ended = (key: string, outcome: ChainOutcome): void => {
    const node = state.nodes.get(key)
    if (node === undefined || node.status !== 'running') return
    chains.delete(key)
    const chain = services.chain(node.chain)
    if (chain !== undefined && node.call === undefined) services.ungate(chain, node)
    turn(() => {
      const stored =
        outcome.status === 'succeeded'
          ? toPayload(outcome.output, `output of chain "${key}"`, Infinity)
          : undefined
      record({
        type: 'chain.ended',
        chain: key,
        status: outcome.status,
        ...(outcome.status === 'failed' ? { failure: outcome.failure, step: outcome.step } : {}),
        ...(stored?.ok === true && stored.payload !== undefined ? { payload: stored.payload } : {}),
      })
      if (node.call !== undefined) {
        const { chain: caller, step, item } = node.call
        // the caller's machine may be in the middle of a transition
        pumps.push(() => chains.get(caller)?.callEnded(step, item, outcome))
      } else pumps.push(() => obey(advance(state, key)))
    })
  }

  const parent: ChainParent = {
    runId: state.run,
    acceptedAt: state.acceptedAt,
    priority: state.priority,
    get paused() {
      return state.paused
    },
    services,
    turn,
    record,
    afterCommit: (effect) => void effects.push(effect),
    pump: (work) => void pumps.push(work),
    ended,
    call(caller, of, input) {
      const chain = services.chain(of)
      const stored = toPayload(input, `input of called chain "${of}"`, limits.maxPayload)
      pumps.push(() => {
        const back = chains.get(caller.chain)
        if (chain === undefined || !stored.ok) {
          const failure = stored.ok
            ? {
                kind: 'rejected' as const,
                message: `no chain "${of}" is registered: give it to createSupervisor({ chains })`,
                retryable: false,
              }
            : stored.failure
          back?.callEnded(caller.step, caller.item, { status: 'failed', step: '', failure })
          return
        }
        const key = freshKey(state, caller)
        record({
          type: 'chain.started',
          chain: key,
          call: caller,
          of,
          version: chain.version,
          ...(stored.payload === undefined ? {} : { payload: stored.payload }),
        })
        launch(state.nodes.get(key) as NodeState, chain)
      })
    },
    cancelCall(caller) {
      pumps.push(() => {
        for (const node of state.nodes.values()) {
          if (node.status === 'running' && calledBy(node, caller)) chains.get(node.key)?.cancel()
        }
      })
    },
    awaitSignal: (key, step) => consume(key, step),
  }

  const consume = (key: string, step: string): void => {
    const chain = chains.get(key)
    const signal = state.signals.find(({ name }) => name === step)
    if (signal === undefined || chain === undefined || !chain.waiting.has(step)) return
    record({
      type: 'signal.consumed',
      chain: key,
      step,
      name: step,
      id: signal.id,
      ...(signal.payload === undefined ? {} : { payload: signal.payload }),
    })
    chain.deliver(step, signal.payload === undefined ? undefined : decode(signal.payload))
  }

  const live: LiveRun = {
    state,
    chains,
    turn,
    record,
    afterCommit: (effect) => void effects.push(effect),
    settled: () => committer.drained(),
    begin: () => obey(advance(state)),
    restore(fold) {
      turn(() => {
        for (const [key, chainFold] of fold.chains) {
          const node = state.nodes.get(key)
          const chain = node === undefined ? undefined : services.chain(node.chain)
          if (node !== undefined && chain !== undefined) launch(node, chain, chainFold)
        }
        if (state.cancelRequested) for (const chain of chains.values()) chain.cancel()
        pumps.push(() => obey(advance(state)))
        // a head that says how the run stands now
        head = undefined
      })
    },
    signal(name, id, payload) {
      turn(() => {
        if (state.signalIds.has(id)) return
        record({ type: 'signal.received', name, id, ...(payload === undefined ? {} : { payload }) })
        for (const [key, chain] of chains) {
          if (!chain.waiting.has(name)) continue
          consume(key, name)
          return
        }
      })
    },
    cancel(reason) {
      turn(() => {
        if (state.cancelRequested || state.ended !== undefined) return
        record({ type: 'run.cancel-requested', ...(reason === undefined ? {} : { reason }) })
        for (const chain of chains.values()) chain.cancel()
        pumps.push(() => obey(advance(state)))
      })
    },
    pause() {
      turn(() => {
        if (!state.paused) record({ type: 'run.paused' })
      })
    },
    resume() {
      turn(() => {
        if (!state.paused) return
        record({ type: 'run.resumed' })
        for (const chain of chains.values()) chain.resume()
      })
    },
    detach() {
      detached = true
      for (const chain of chains.values()) chain.detach()
      chains.clear()
    },
  }
  return live
}

function freshKey(
  state: RunState,
  { chain, step, item }: { readonly chain: string; readonly step: string; readonly item?: string },
): string {
  const base = item === undefined ? `${chain}/${step}` : `${chain}/${step}/${item}`
  let key = base
  for (let n = 2; state.nodes.has(key); n++) key = `${base}~${n}`
  return key
}

function calledBy({ call }: NodeState, { chain, step, item }: NonNullable<NodeState['call']>): boolean {
  return call !== undefined && call.chain === chain && call.step === step && call.item === item
}

function movesRun({ type }: Fact): boolean {
  return type.startsWith('run.') || type.startsWith('chain.') || type.startsWith('signal.')
}
