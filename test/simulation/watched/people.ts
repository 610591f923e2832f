// What people do beside the watchers of a world: they start, act, undo, refuse, apply, and change the config themselves.

import type { AnyChain } from '../../../src/chain/any-chain.ts'
import type { Asks } from '../../../src/testing/simulation/asks.ts'
import type { Draw } from '../../../src/testing/simulation/draw.ts'
import type { Host } from '../../../src/testing/simulation/host.ts'
import type { Proof } from '../../../src/testing/simulation/proof.ts'
import type { Watch } from '../../../src/testing/simulation/watch.ts'
import type { Config } from '../../../src/supervision/config.ts'
import { place } from './tried.ts'

export interface People {
  /** Starts a run of a chain. */
  start(chain: string, input: number): void
  /** Does something of the analyzer's, or says no to it. */
  action(): void
  suggestion(): void
  config(): void
  /** Retries, cancels, pauses or resumes a run. */
  run(): void
  /** Takes back all that people have said in the config. */
  tidy(): void
  /** Ends what is tried. */
  endTrials(): void
}

export interface PeopleOptions {
  readonly asks: Asks
  readonly draw: Draw
  readonly proof: Proof
  readonly watch: Watch
  readonly chains: () => ReadonlyMap<string, AnyChain>
  /** The executor, where it is up. */
  readonly executor: () => Host | undefined
  /** Suggestions that there are. */
  readonly found: readonly string[]
  /** Whether the third chain waits for the first. */
  readonly waits: boolean
}

/** What people say where they hold a chain back. */
export const word = 'a person says so'
const ofActions = ['ACTION_UNKNOWN', 'ACTION_REFUSED']
const ofSuggestions = ['SUGGESTION_UNKNOWN', 'SUGGESTION_REFUSED', 'PATCH_REFUSED']
const ofRuns = ['RUN_ENDED', 'RUN_PARKED', 'RUN_UNKNOWN', 'RUN_NOT_RETRYABLE']

export function createPeople({
  asks,
  draw,
  proof,
  watch,
  chains,
  executor,
  found,
  waits,
}: PeopleOptions): People {
  const expecting =
    (what: string, allowed: readonly string[]) =>
    (error: string | undefined): void => {
      if (error !== undefined) asks.expect(error, what, allowed)
    }
  /** Chains that a person has ever paused. */
  const everPaused = new Set<string>()
  let started = 0
  const change = (what: string, recipe: (draft: Config) => void, allowed: readonly string[]): void => {
    const by = executor()
    if (by === undefined) return
    const act = async ({ supervisor }: Host): Promise<void> => void (await supervisor?.config.change(recipe))
    asks.ask(`config: ${what}`, act, expecting(what, allowed), by)
  }
  const changes: readonly (readonly [string, (draft: Config) => void])[] = [
    [
      'hold',
      ({ chains: tuned }) => {
        const chain = draw.pick(['load', 'sum', 'batch', 'batch'])
        const tuning = (tuned[chain] ??= {})
        if (draw.likely(50)) tuning.quarantined = word
        else {
          tuning.paused = true
          everPaused.add(chain)
        }
      },
    ],
    ['free', (draft) => void (draft.chains = {})],
    ['free', (draft) => void (draft.chains = {})],
    [
      'tune',
      ({ steps }) =>
        void (steps[place] = draw.pick([{ inFlight: 2 }, { attempts: 5 }, { inFlight: 2, attempts: 3 }])),
    ],
    ['untune', ({ steps }) => void delete steps[place]],
    ['concurrency', (draft) => void (draft.concurrency = draw.pick([2, 3, 5, 8]))],
    ['load', ({ steps }) => void (steps['load/read'] = { timeout: draw.pick([5_000, 9_000]) })],
    [
      'edge',
      ({ edges }) => {
        if (!waits) return
        if (edges['batch<-load'] === undefined) edges['batch<-load'] = 'dropped'
        else delete edges['batch<-load']
      },
    ],
  ]
  return {
    start(chain, input) {
      const id = `run-${started++}`
      asks.ask(
        `start ${id} of ${chain}`,
        async ({ supervisor }) => supervisor?.start([chains().get(chain) as AnyChain], input, { id }),
        (error) => {
          if (error !== undefined) return asks.expect(error, `start ${id}`, ['QUARANTINED'])
          watch.catchUp()
          const kept = watch.runs.runs.has(id)
          proof.check('accepted', kept, () => `${id} was accepted, but is not in the journal`)
        },
      )
    },
    action() {
      const what = draw.pick(['act', 'act', 'undo', 'undo', 'dismiss'] as const)
      const which = draw.below(100)
      const act = async ({ supervisor }: Host): Promise<void> => {
        const actions = (await supervisor?.analyzer.actions()) ?? []
        const all = actions.filter(({ deed, state }) =>
          what === 'undo' ? state === 'applied' || state === 'verified' : deed !== undefined,
        )
        const one = all[which % Math.max(1, all.length)]
        if (one !== undefined) await supervisor?.analyzer[what](one.id)
      }
      asks.ask(what, act, expecting(what, [...ofActions, ...ofRuns, 'QUARANTINED']))
    },
    suggestion() {
      const what = draw.pick(['try', 'try', 'try', 'apply', 'dismiss'] as const)
      const id = draw.pick(['faster', ...found])
      const act = async ({ supervisor }: Host): Promise<void> => {
        if (what === 'dismiss') await supervisor?.reflector.dismiss(id, 'no')
        else await supervisor?.reflector.apply(id, { trial: what === 'try' })
      }
      asks.ask(`${what} ${id}`, act, expecting(what, ofSuggestions))
    },
    config() {
      const [what, recipe] = draw.pick(changes)
      // one that is about to take over is a client until then
      change(what, recipe, ['EXECUTOR_ONLY'])
    },
    run() {
      const ids = [...watch.runs.runs.keys()]
      if (ids.length === 0) return
      const id = draw.pick(ids.slice(-12))
      const what = draw.pick(['retry', 'retry', 'cancel', 'pause', 'resume'] as const)
      const act = async ({ supervisor }: Host): Promise<void> => {
        const run = await supervisor?.get(id)
        await (what === 'retry' ? run?.retry() : run?.[what]())
      }
      asks.ask(`${what} ${id}`, act, expecting(what, ofRuns))
    },
    tidy() {
      const free = (draft: Config): void => {
        for (const [chain, tuning] of Object.entries(draft.chains))
          if (tuning.quarantined === word || everPaused.has(chain)) delete draft.chains[chain]
      }
      change('tidy', free, [])
      for (const [id, { paused }] of watch.runs.runs) {
        if (!paused) continue
        asks.ask(
          `resume ${id}`,
          async ({ supervisor }) => (await supervisor?.get(id))?.resume(),
          expecting('resume', ofRuns),
        )
      }
    },
    endTrials() {
      const by = executor()
      for (const id of by === undefined ? [] : ['faster', ...found])
        asks.ask(
          `refuse ${id}`,
          async ({ supervisor }) => supervisor?.reflector.dismiss(id, 'enough of it'),
          expecting('refuse', ofSuggestions),
          by,
        )
    },
  }
}
