// The signals and events of a live run: kept until a step waits for them, each delivered once.

import type { Fact, Payload } from '../../journal/event.ts'
import { decode } from '../../kernel/codec.ts'
import { newRunId } from '../../kernel/id.ts'
import type { RunState } from '../../journal/run-state.ts'
import type { ChainParent, LiveChain } from '../chains/chain-parent.ts'
import type { Stored } from '../payloads.ts'

type Answered = Extract<Fact, { type: 'signal.answered' }>

export interface SignalHost extends Pick<ChainParent, 'services' | 'turn' | 'record' | 'afterCommit'> {
  readonly state: RunState
  readonly chains: ReadonlyMap<string, LiveChain>
}

export class RunSignals {
  readonly #run: SignalHost
  #awaited = ''
  #changed = false

  constructor(run: SignalHost) {
    this.#run = run
  }

  /** Names of the signals that chains wait for, each between commas; empty where none. */
  get awaited(): string {
    if (!this.#changed) return this.#awaited
    this.#changed = false
    const names = [...this.#run.chains.values()].flatMap(({ waiting }) => [...waiting])
    this.#awaited = names.length === 0 ? '' : `,${names.join(',')},`
    return this.#awaited
  }

  /** Chains wait for others than before. */
  changed(): void {
    this.#changed = true
  }

  receive(name: string, id: string, payload: Payload | undefined): void {
    const { state, chains } = this.#run
    this.#run.turn(() => {
      if (state.signalIds.has(id)) return
      this.#run.record({ type: 'signal.received', name, id, ...(payload === undefined ? {} : { payload }) })
      for (const [key, chain] of chains) {
        if (chain.waiting.has(name)) return this.await(key, name)
      }
    })
  }

  /**
   * Hands an event to a chain that is a user's own machine; where that has not begun, the event waits for it.
   *
   * @param id the same id is delivered once.
   */
  send(key: string, event: { readonly type: string }, payload: Payload, id: string | undefined): void {
    const { state, chains, services } = this.#run
    this.#run.turn(() => {
      if (id !== undefined && state.signalIds.has(id)) return
      const chain = chains.get(key)
      const { type } = event
      if (id !== undefined || chain === undefined) {
        const of = id ?? newRunId(services.clock)
        this.#run.record({ type: 'signal.received', name: type, id: of, to: key, payload })
        if (chain !== undefined)
          this.#run.record({ type: 'signal.consumed', chain: key, step: type, name: type, id: of })
      }
      chain?.send?.(event)
    })
  }

  /** Looks for a signal that the step of a chain now waits for, and delivers it. */
  await(key: string, step: string): void {
    this.#changed = true
    const { state, chains } = this.#run
    const chain = chains.get(key)
    const signal = state.signals.find(({ name, to = key }) => name === step && to === key)
    if (signal === undefined || chain === undefined || !chain.waiting.has(step)) return
    const { id, payload } = signal
    this.#run.record({
      type: 'signal.consumed',
      chain: key,
      step,
      name: step,
      id,
      ...(payload === undefined ? {} : { payload }),
    })
    const value = payload === undefined ? undefined : decode(payload)
    const reply = chain.reply?.(step, value)
    if (reply !== undefined) this.#answer({ chain: key, step, name: step, id }, reply)
    chain.deliver(step, value)
  }

  #answer(named: Pick<Answered, 'chain' | 'step' | 'name' | 'id'>, reply: Stored): void {
    const { services, state } = this.#run
    if (!reply.ok) this.#run.record({ type: 'signal.answered', ...named, failure: reply.failure })
    else {
      const { payload } = reply
      this.#run.record({ type: 'signal.answered', ...named, ...(payload === undefined ? {} : { payload }) })
    }
    this.#run.afterCommit({ committed: () => services.answered(state.run) })
  }
}
