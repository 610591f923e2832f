// What a detector is: a pure function from evidence to what may be wrong where, with how likely chance alone shows as much.

import type { View } from './evidence.ts'
import type {
  JsonPatch,
  Place,
  PredictedGain,
  Suggestion,
  SuggestionClass,
  SuggestionEvidence,
  SuggestionKind,
} from './suggestion.ts'
import { pointerTo } from './json-patch.ts'
import type { StepTunables, Tunables } from './tunables.ts'

/** What a detector has to say, should it stand. */
export interface Proposal {
  readonly sentence: string
  readonly evidence: Omit<SuggestionEvidence, 'fromSeq' | 'toSeq'>
  /** Of the config, without the test on its version. */
  readonly patch?: readonly JsonPatch[]
  /**
   * Which gain the simulation is asked for, and how much of it there must be for it to be worth a change; as a share
   * of what is now.
   */
  readonly objective: PredictedGain['objective']
  readonly worth: number
  /** By arithmetic, where the simulation has nothing to go by. */
  readonly gain?: PredictedGain
  readonly guardrails?: Suggestion['guardrails']
}

/** One question that was asked of the evidence: also those count that are answered with no. */
export interface Tested {
  readonly place: Place
  /** The chance of evidence as strong were there nothing. */
  readonly p: number
  /** The share of what was seen that lies in strata of which it holds. */
  readonly cover: number
  /** Asked only where it stands; undefined where it is not worth a word. */
  propose(): Proposal | undefined
}

export interface Detector {
  /** Row of the table in docs/reflector.md. */
  readonly row: number
  readonly kind: SuggestionKind
  readonly class: SuggestionClass
  /** The minimum of evidence, for people: what follows "needs". */
  readonly needs: string
  /** Places without the minimum of evidence are left out: nothing is said of them. */
  test(view: View): readonly Tested[]
}

/** Sets one tunable of a step. */
export function tuneStep<K extends keyof StepTunables>(
  { steps }: Tunables,
  name: string,
  tunable: K,
  value: NonNullable<StepTunables[K]>,
): readonly JsonPatch[] {
  const known = steps[name]
  if (known === undefined) return [{ op: 'add', path: pointerTo('steps', name), value: { [tunable]: value } }]
  const path = pointerTo('steps', name, tunable)
  return [{ op: known[tunable] === undefined ? 'add' : 'replace', path, value }]
}

/** For people: `12 %`; dust is nothing, and nearly all is not all. */
export function percent(share: number): string {
  const points = share * 100
  if (points > 99 && points < 100) return `${Math.floor(points * 10) / 10} %`
  return `${points >= 10 || points < 1e-4 ? Math.round(points) : Number(points.toPrecision(2))} %`
}

/** For people: `1.2 s`. */
export function duration(ms: number): string {
  if (ms >= 60_000) return `${Number((ms / 60_000).toPrecision(2))} min`
  if (ms >= 1000) return `${Number((ms / 1000).toPrecision(2))} s`
  return `${Number(ms.toPrecision(2))} ms`
}
