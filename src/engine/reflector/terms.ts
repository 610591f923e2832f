// The option `reflect` of a supervisor: whether the reflector may apply things by itself, and how often it looks.

import { type Duration, problemOfDuration, toMs } from '../../kernel/duration.ts'
import { type KnownOptions, unknownOptions } from '../../kernel/known-options.ts'
import type { Suggest } from './read-evidence.ts'
import type { ReflectTerms } from './reflector.ts'

export interface ReflectOptions {
  /**
   * `ask`: it applies what a person chose. `auto`: it also tries by itself, on pairs of runs, what leans on nobody's
   * word (class A), one at a time. `off`: nothing can be applied. Default `ask`.
   */
  readonly policy?: 'off' | 'ask' | 'auto'
  /** Between two looks at the journal, while somebody listens to `suggestions$` or under `auto`. Default `'1m'`. */
  readonly every?: Duration
  /** After a trial has ended, before the next one that nobody asked for. Default `'1h'`. */
  readonly rest?: Duration
  /**
   * Finds suggestions, in the place of the detectors that are there; must change nothing, and is waited for at most a
   * minute; the first 200 count, and where one of them makes no sense, `suggestions()` rejects with BAD_OPTION. Default those.
   */
  readonly suggest?: Suggest
}

const known: KnownOptions<ReflectOptions> = { policy: true, every: true, rest: true, suggest: true }
const policies: readonly unknown[] = ['off', 'ask', 'auto']

export function problemsOfReflect(given: unknown): readonly string[] {
  if (given === undefined) return []
  const strange = unknownOptions(given, known, 'reflect')
  if (strange !== undefined) return [strange]
  const { policy, suggest, ...times } = given as Readonly<Record<string, unknown>>
  const problems = Object.entries(times).flatMap(
    ([name, time]) => problemOfDuration(time, `${name} of reflect`) ?? [],
  )
  if (policy !== undefined && !policies.includes(policy))
    problems.push("policy of reflect is 'off', 'ask' or 'auto'")
  if (suggest !== undefined && typeof suggest !== 'function')
    problems.push('suggest of reflect is a function')
  return problems
}

export function reflectTerms({
  policy = 'ask',
  every = '1m',
  rest = '1h',
}: ReflectOptions = {}): ReflectTerms {
  return {
    policy,
    every: Math.max(1_000, toMs(every, 'every of reflect')),
    rest: toMs(rest, 'rest of reflect'),
  }
}
