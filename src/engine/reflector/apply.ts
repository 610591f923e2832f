// The executor's hands of the reflector: a suggestion becomes a trial or a change of the config, or is said no to.

import type { Fact } from '../../journal/event.ts'
import { encode } from '../../kernel/codec.ts'
import type { Clock } from '../../kernel/clock.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import { newRunId } from '../../kernel/id.ts'
import type { RunRecord } from '../../observe/run-record.ts'
import { type ComponentOf, componentsOf, wouldMix } from '../../reflection/component.ts'
import type { TrialPlan } from '../../reflection/standing.ts'
import type { Suggestion } from '../../reflection/suggestion.ts'
import type { TrialStart } from '../../reflection/trial.ts'
import { outcomeOf } from '../../reflection/trial-outcome.ts'
import { quantileOf } from '../../statistics/quantile.ts'
import { ordered } from '../../statistics/sample.ts'
import { isByRun, recipeOf } from '../../supervision/config-patch.ts'
import type { ConfigOverlay } from '../../supervision/config.ts'
import type { ClientCommand, SuggestionAct } from '../clients/command.ts'
import type { Engine } from '../engine.ts'
import type { ReadEvidence } from './read-evidence.ts'
import type { Applied, Looked, ReflectTerms, Reflector, ReflectorHands } from './reflector.ts'

export interface HandsHost {
  readonly clock: Clock
  readonly config: ConfigOverlay
  readonly engine: Pick<Engine, 'configure' | 'trials'>
  readonly terms: Pick<ReflectTerms, 'policy' | 'rest'>
}

/** Runs before the trial that tell what a p95 is; fewer tell nothing. */
const leastForP95 = 20

export function createHands({ clock, config, engine, terms }: HandsHost): ReflectorHands {
  const { trials } = engine
  const find = async (id: string, { list }: Looked): Promise<Suggestion> => {
    const found = (await list()).find((one) => one.id === id)
    if (found !== undefined) return found
    throw new CatenaryError(
      'SUGGESTION_UNKNOWN',
      `there is no suggestion ${JSON.stringify(id)} now: ask for suggestions anew, as what was recorded since may have changed them`,
    )
  }
  const begin = async (
    suggestion: Suggestion,
    by: 'auto' | 'person',
    evidence: ReadEvidence,
  ): Promise<Applied> => {
    const of = componentsOf(evidence.declaration)
    for (const { plan, id } of trials.standing.live())
      if (plan !== undefined && mixes(plan.suggestion, suggestion, of))
        throw refused(
          `trial ${id} goes on at ${placeText(plan.suggestion)}: wait for its end, or dismiss that one`,
        )
    const id = newRunId(clock)
    await trials.start(id, planOf(suggestion, evidence.records), by)
    return { trial: id }
  }
  const put = async (suggestion: Suggestion): Promise<Applied> => {
    const payload = encode(suggestion, 'a suggestion')
    const facts: Fact[] = []
    let version = 0
    await engine.configure(() => {
      const change = config.change(recipeOf(suggestion.patch ?? [], config.version))
      // the same as before where the config says so already
      version = config.version
      facts.push({ type: 'suggestion.applied', id: suggestion.id, config: version, payload })
      return change
    }, facts)
    return { config: version }
  }
  let before: Promise<unknown> = Promise.resolve()
  /** One after the other: whoever comes next sees what the last one did, durable. */
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    const done = before.then(work)
    before = done.catch(() => {})
    return done
  }
  /** Nobody asked for it: what a person said since it was looked at counts, and trials that the last process has ended. */
  const refuseUnlessFree = (suggestion: Suggestion): void => {
    const now = clock.now()
    const { standing } = trials
    const state = standing.stateOf(suggestion, now)
    if (state !== 'open') throw refused(`it is ${state}`)
    const ends = [...standing.trials.values()].map(({ ended }) => ended?.at ?? -Infinity)
    if (now < Math.max(...ends) + terms.rest) throw refused('it rests after the last trial')
  }
  const apply: ReflectorHands['apply'] = async (id, trial, by, looked) => {
    const applied = trials.standing.applied.get(id)
    // asked again by whoever had no answer
    if (!trial && applied?.config === config.version) return { config: applied.config }
    const suggestion = await find(id, looked)
    const evidence = looked.last()
    if (suggestion.patch === undefined || evidence === undefined)
      throw refused('it is advice: what it says is done in code')
    const live = trials.standing.trialOf(id)
    if (live !== undefined && live.ended === undefined) return { trial: live.id }
    if (by === 'auto') refuseUnlessFree(suggestion)
    return trial ? begin(suggestion, by, evidence) : put(suggestion)
  }
  const dismiss: ReflectorHands['dismiss'] = async (id, why, looked) => {
    const { standing } = trials
    // said again by whoever had no answer
    if (standing.dismissed.has(id) && standing.dismissed.get(id) === why) return
    const live = standing.trialOf(id)
    const isKnown = live !== undefined || standing.dismissed.has(id) || standing.applied.has(id)
    if (!isKnown) await find(id, looked)
    const because = why === undefined ? '' : `: ${why}`
    if (live !== undefined && live.ended === undefined)
      await trials.stop(live.id, `it was dismissed${because}`)
    await engine.configure(
      () => undefined,
      [{ type: 'suggestion.dismissed', id, ...(why === undefined ? {} : { why }) }],
    )
  }
  return {
    trials,
    async apply(...asked) {
      if (terms.policy === 'off')
        throw refused('the policy of this reflector is off: say { reflect: { policy } }')
      return inTurn(async () => apply(...asked))
    },
    dismiss: async (...asked) => inTurn(async () => dismiss(...asked)),
  }
}

/** As another process asks for it. @returns the id of the trial, or the version of the config. */
export async function actOnSuggestion(
  reflector: Pick<Reflector, 'apply' | 'dismiss'>,
  id: string,
  act: SuggestionAct,
  why: string | undefined,
): Promise<string> {
  if (act === 'dismiss') {
    await reflector.dismiss(id, why)
    return id
  }
  const applied = await reflector.apply(id, { trial: act === 'try' })
  return 'trial' in applied ? applied.trial : String(applied.config)
}

/** The hands of a client: the executor does it. */
export function createFarHands(
  tell: (command: ClientCommand & { readonly do: 'suggestion' }) => Promise<{ readonly run: string }>,
): ReflectorHands {
  return {
    async apply(id, trial) {
      const { run } = await tell({ do: 'suggestion', run: id, act: trial ? 'try' : 'apply' })
      return trial ? { trial: run } : { config: Number(run) }
    },
    async dismiss(id, why) {
      await tell({ do: 'suggestion', run: id, act: 'dismiss', ...(why === undefined ? {} : { reason: why }) })
    },
  }
}

/** Two changes whose effects could not be told apart: those of the whole process from no other. */
function mixes(one: Suggestion, other: Suggestion, of: ComponentOf): boolean {
  if (!isByRun(one.patch ?? []) || !isByRun(other.patch ?? [])) return true
  return wouldMix(one.place, other.place, of)
}

/** Blocks are so much longer than the slowest runs, within limits (ms). */
const blocksOfP95 = 10
const shortestBlock = 60_000
const longestBlock = 3_600_000

/** Single runs differ in what is said of steps and needs; all else holds for a block of time. */
function planOf(suggestion: Suggestion, records: readonly RunRecord[]): TrialPlan {
  const start = startOf(suggestion, records)
  if (isByRun(suggestion.patch ?? [])) return { suggestion, start }
  const { p95 = 0, ...rest } = start
  const block = Math.min(longestBlock, Math.max(shortestBlock, blocksOfP95 * p95))
  // the p95 of single runs says nothing of means of blocks
  return { suggestion, start: { ...rest, single: false }, block }
}

/** What the trial needs to know of the time before it. */
function startOf({ place, gain, guardrails }: Suggestion, records: readonly RunRecord[]): TrialStart {
  const before = records.flatMap((record) => {
    const takesPart = [...record.chains.values()].some(({ chain }) => chain === place.chain)
    return (takesPart ? outcomeOf(record, gain, place.chain) : undefined) ?? []
  })
  const durations = before.flatMap(({ failed, ms }) => (failed === 0 ? [ms] : []))
  const p95 = durations.length < leastForP95 ? undefined : quantileOf(ordered(durations), 0.95)
  return {
    objective: gain.objective,
    guardrails,
    single: true,
    ...(p95 === undefined ? {} : { p95 }),
    classes: [...new Set(before.flatMap(({ classes }) => classes))].slice(0, 100),
  }
}

function placeText({ place: { chain, step, edge } }: Suggestion): string {
  return edge ?? (step === undefined ? chain : `${chain}/${step}`)
}

function refused(why: string): CatenaryError {
  return new CatenaryError('SUGGESTION_REFUSED', `this suggestion was not applied: ${why}`)
}
