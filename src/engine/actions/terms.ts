// The option `analyze` of a supervisor: what the analyzer may have done, and how long it waits before it judges that.

import type { DeedKind, DeedPolicy } from '../../../machines/action-rules.ts'
import { type Duration, problemOfDuration, toMs } from '../../kernel/duration.ts'
import type { CoverageFound } from '../../analysis/coverage.ts'
import { readCoverage } from '../read-coverage.ts'
import { type KnownOptions, unknownOptions } from '../../kernel/known-options.ts'

export interface AnalyzeOptions {
  /**
   * What may be done of the actions that the supervisor can do, for all kinds or for each. `off`: nothing; they are
   * proposed all the same. `ask`: what a person says by `act(id)`. `auto`: also by itself, where the evidence suffices.
   * Default `off`.
   */
  readonly policy?: DeedPolicy | { readonly [K in DeedKind]?: DeedPolicy }
  /** Between two looks at the journal, under `auto` and while an action is in force. Default `'1m'`. */
  readonly every?: Duration
  /** After an action was taken, before it is judged. Default `'5m'`. */
  readonly check?: Duration
  /** How long at most an action is in force. Default `'1h'`. */
  readonly hold?: Duration
  /** After an action has ended, before the next of its kind and place that nobody asked for. Default `'10m'`. */
  readonly rest?: Duration
  /**
   * A file or folder that tests left with `writeCoverage()`, read once: reports then say which steps are tested. Default
   * none, and they say that it is unknown.
   */
  readonly coverage?: string
}

/** All times are in ms. */
export interface AnalyzeTerms {
  readonly policy: (kind: DeedKind) => DeedPolicy
  readonly auto: boolean
  readonly every: number
  readonly check: number
  readonly hold: number
  readonly rest: number
  readonly coverage: CoverageFound | undefined
}

const known: KnownOptions<AnalyzeOptions> = {
  policy: true,
  every: true,
  check: true,
  hold: true,
  rest: true,
  coverage: true,
}
const kinds: KnownOptions<Record<DeedKind, unknown>> = {
  quarantine: true,
  'pause-downstream': true,
  're-run-stale': true,
  unblock: true,
}
const policies: readonly unknown[] = ['off', 'ask', 'auto'] satisfies readonly DeedPolicy[]

export function problemsOfAnalyze(given: unknown): readonly string[] {
  if (given === undefined) return []
  const strange = unknownOptions(given, known, 'analyze')
  if (strange !== undefined) return [strange]
  const { policy, coverage, ...times } = given as Readonly<Record<string, unknown>>
  const late = Object.entries(times).flatMap(
    ([name, time]) => problemOfDuration(time, `${name} of analyze`) ?? [],
  )
  const unread =
    coverage === undefined || typeof coverage === 'string'
      ? []
      : ['coverage of analyze is the path of what tests left with writeCoverage()']
  return [...problemsOfPolicy(policy), ...late, ...unread]
}

function problemsOfPolicy(policy: unknown): readonly string[] {
  if (policy === undefined || policies.includes(policy)) return []
  if (typeof policy !== 'object' || policy === null)
    return ["policy of analyze is 'off', 'ask' or 'auto', for all kinds or by kind"]
  const unknown = unknownOptions(policy, kinds, 'policy of analyze')
  if (unknown !== undefined) return [unknown]
  return Object.entries(policy).flatMap(([kind, one]) =>
    one === undefined || policies.includes(one)
      ? []
      : [`policy of analyze for ${kind} is 'off', 'ask' or 'auto'`],
  )
}

export function analyzeTerms({
  policy = 'off',
  every = '1m',
  check = '5m',
  hold = '1h',
  rest = '10m',
  coverage,
}: AnalyzeOptions = {}): AnalyzeTerms {
  const policyOf = (kind: DeedKind): DeedPolicy =>
    typeof policy === 'string' ? policy : (policy[kind] ?? 'off')
  const judged = toMs(check, 'check of analyze')
  return {
    policy: policyOf,
    auto: (Object.keys(kinds) as DeedKind[]).some((kind) => policyOf(kind) === 'auto'),
    every: Math.max(1_000, toMs(every, 'every of analyze')),
    check: judged,
    // what is over before it is judged was never seen to work
    hold: Math.max(judged + 1, toMs(hold, 'hold of analyze')),
    rest: toMs(rest, 'rest of analyze'),
    coverage: coverage === undefined ? undefined : readCoverage(coverage, 'coverage of analyze'),
  }
}
