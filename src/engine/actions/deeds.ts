// The hands of the coordinator: an action as a change of the config in one commit with its record, or as a run set going.

import { holds } from '../../../machines/action-rules.ts'
import type { ActionRecord } from '../../analysis/action-standing.ts'
import { rerunOf } from '../../analysis/action-signs.ts'
import type { CompiledChain } from '../../definition/compiled-chain.ts'
import { toEvent } from '../../journal/encoding.ts'
import type { Fact } from '../../journal/event.ts'
import type { StoreReader } from '../../journal/store.ts'
import type { ActionFact } from '../../journal/watch-fact.ts'
import { decode } from '../../kernel/codec.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import type { Config, ConfigOverlay } from '../../supervision/config.ts'
import type { Engine } from '../engine.ts'

export interface DeedsHost {
  readonly config: ConfigOverlay
  readonly engine: Pick<Engine, 'configure' | 'accept' | 'retry' | 'reach' | 'commit'>
  readonly store: Pick<StoreReader, 'rows' | 'head'>
  readonly chains: ReadonlyMap<string, CompiledChain>
}

type Taken = ActionFact & { readonly type: 'action.taken' }
type Undone = ActionFact & { readonly type: 'action.undone' }

export interface Deeds {
  /** Records that it is taken, and holds back what it is to hold back, in one commit. */
  take(fact: Taken, live: readonly ActionRecord[]): Promise<void>
  /** Sets going what it is to set going: once, however often it is called. */
  perform(record: ActionRecord): Promise<void>
  /** @param freed what nothing else holds back. */
  takeBack(record: ActionRecord, freed: readonly string[], fact: Undone): Promise<void>
  /** Whether the config holds back what it held back. */
  isKept(record: ActionRecord): boolean
  record(facts: readonly Fact[]): Promise<void>
}

export function createDeeds({ config, engine, store, chains }: DeedsHost): Deeds {
  const record: Deeds['record'] = async (facts) => {
    await engine.configure(() => undefined, facts)
  }

  return {
    record,
    async take(fact, live) {
      if (!holds(fact.kind)) return record([fact])
      const held = heldBy(fact, config.current, live)
      if (held.length === 0)
        throw new CatenaryError(
          'ACTION_REFUSED',
          `this action was not done: the config holds ${fact.chains.join(', ')} back already`,
        )
      const taken = { ...fact, chains: held }
      await engine.configure(() => config.change((draft) => hold(draft, taken)), [taken])
    },
    async perform(done) {
      const { kind, place, from = '' } = done
      if (kind === 'unblock') return engine.retry(place.run ?? '', undefined)
      const chain = chains.get(place.chain)
      const accepted = toEvent((await store.rows(from, 0))[0] ?? missing(from))
      if (chain === undefined || accepted.type !== 'run.accepted') return missing(from)
      const node =
        accepted.plan.find((one) => one.key === place.chain) ??
        accepted.plan.find((one) => one.chain === place.chain)
      const payload = node?.noInput === true ? undefined : (node?.input ?? accepted.payload)
      const input = payload === undefined ? undefined : decode(payload)
      await engine.accept([chain], input, { id: rerunOf(done) })
    },
    async takeBack(done, freed, fact) {
      const { kind } = done
      if (kind === 're-run-stale') {
        const live = await engine.reach(rerunOf(done)).catch(() => undefined)
        if (live !== undefined && live.state.ended === undefined)
          await engine.commit(live, () => live.cancel('the action that began it was taken back'))
      }
      if (!holds(kind)) return record([fact])
      await engine.configure(() => config.change((draft) => free(draft, done, freed)), [fact])
    },
    isKept: (done) =>
      !holds(done.kind) || done.chains.every((chain) => isHeldBy(config.current.chains[chain], done)),
  }
}

function missing(from: string): never {
  throw new CatenaryError('RUN_UNKNOWN', `run ${from}, whose input is to be used again, is not in this store`)
}

function isHeldBy(tuning: Config['chains'][string] | undefined, done: Pick<Taken, 'kind' | 'why'>): boolean {
  return done.kind === 'quarantine' ? tuning?.quarantined === done.why : tuning?.paused === true
}

/** Not what a person holds back: that is not taken back with it. */
function heldBy(
  { kind, chains }: Taken,
  { chains: tuned }: Readonly<Config>,
  live: readonly ActionRecord[],
): readonly string[] {
  const ours = (chain: string): boolean =>
    live.some((one) => one.kind === 'pause-downstream' && one.chains.includes(chain))
  return chains.filter((chain) =>
    kind === 'quarantine'
      ? tuned[chain]?.quarantined === undefined
      : tuned[chain]?.paused === undefined || ours(chain),
  )
}

function hold(draft: Config, fact: Taken): void {
  for (const chain of fact.chains) {
    const tuning = (draft.chains[chain] ??= {})
    if (fact.kind === 'quarantine') tuning.quarantined = fact.why
    else tuning.paused = true
  }
}

function free(draft: Config, done: ActionRecord, freed: readonly string[]): void {
  for (const chain of freed) {
    const tuning = draft.chains[chain]
    if (tuning === undefined || !isHeldBy(tuning, done)) continue
    if (done.kind === 'quarantine') delete tuning.quarantined
    else delete tuning.paused
    if (Object.keys(tuning).length === 0) delete draft.chains[chain]
  }
}
