// When an action may be taken, and what comes of one that was: pure rules, the same for people and for the supervisor itself.

/** What a supervisor can do by itself. */
export type DeedKind = 'quarantine' | 'pause-downstream' | 're-run-stale' | 'unblock'

/** `off`: never; `ask`: where a person says so; `auto`: also by itself. */
export type DeedPolicy = 'off' | 'ask' | 'auto'

/** An action that was taken; times are in ms since the epoch. */
export interface Deed {
  /** The same for the same kind and place. */
  readonly id: string
  readonly kind: DeedKind
  /** What it holds back, or sets going. */
  readonly chains: readonly string[]
  /** What it was taken for: the same is never taken twice for the same by itself. */
  readonly cause: string
  readonly takenAt: number
  /** When it is judged. */
  readonly checkAt: number
  /** When it is over, whatever it came to. */
  readonly until: number
  readonly state: 'taken' | 'verified' | 'undone' | 'expired'
  readonly endedAt?: number | undefined
}

/** What could be done now. */
export interface Proposed {
  readonly id: string
  readonly kind: DeedKind
  readonly chains: readonly string[]
  readonly cause: string
  /** Whether what was seen suffices to do it without a person. */
  readonly evident: boolean
  readonly dismissed: boolean
  /** Actions that come first, and are still to be done. */
  readonly after: readonly string[]
}

export interface Situation {
  readonly by: 'auto' | 'person'
  readonly policy: DeedPolicy
  readonly now: number
  /** All that is remembered. */
  readonly deeds: readonly Deed[]
  /** Chains that a trial goes on at, each with its trial. */
  readonly trials: ReadonlyMap<string, string>
  /** After one has ended, before the next at the same place that nobody asked for (ms). */
  readonly rest: number
}

/** Kinds that are in force until they are taken back; the others set something going once. */
export function holds(kind: DeedKind): boolean {
  return kind === 'quarantine' || kind === 'pause-downstream'
}

/** It is to be judged still, or taken back some time. */
export function isLive({ kind, state }: Pick<Deed, 'kind' | 'state'>): boolean {
  return state === 'taken' || (state === 'verified' && holds(kind))
}

/** Why it may not be taken; undefined where it may. */
export function refusalOf(proposed: Proposed, situation: Situation): string | undefined {
  const { by, policy, now, deeds, trials, rest } = situation
  if (policy === 'off') return `the policy for ${proposed.kind} is off: say { analyze: { policy: 'ask' } }`
  const opposed = deeds.find((deed) => isLive(deed) && deed.id !== proposed.id && oppose(deed, proposed))
  if (opposed !== undefined)
    return `it works against ${opposed.kind} of ${opposed.chains.join(', ')}, which is in force: undo ${opposed.id} first`
  for (const chain of proposed.chains) {
    const trial = trials.get(chain)
    if (trial !== undefined)
      return `trial ${trial} goes on at "${chain}": wait for its end, or dismiss its suggestion`
  }
  if (by === 'person') return undefined
  if (policy !== 'auto') return 'a person is to say so'
  if (proposed.dismissed) return 'a person said no'
  if (!proposed.evident) return 'too little was seen'
  if (proposed.after.length > 0) return `first ${proposed.after.join(', ')} is to be done`
  const last = deeds.findLast(({ id }) => id === proposed.id)
  if (last === undefined) return undefined
  if (last.cause === proposed.cause) return 'it was done for this'
  return now < (last.endedAt ?? now) + rest ? 'it rests after the last time' : undefined
}

/** One holds back what the other sets going. */
export function oppose(a: Pick<Deed, 'kind' | 'chains'>, b: Pick<Deed, 'kind' | 'chains'>): boolean {
  return holds(a.kind) !== holds(b.kind) && a.chains.some((chain) => b.chains.includes(chain))
}

/** What was seen since an action was taken. */
export interface Signs {
  /** The config still holds back what it held back; true for what holds nothing back. */
  readonly kept: boolean
  /** Executions of what it holds back that began since. */
  readonly begun: number
  /** A sentence: the reason for it is gone. */
  readonly mended?: string | undefined
  /** How what it set going stands; `absent` where it has not begun, undefined where nothing tells. */
  readonly run?: 'absent' | 'going' | 'succeeded' | 'failed' | undefined
}

export type Judgement =
  | { readonly do: 'wait' }
  /** What was decided has not been done. */
  | { readonly do: 'perform' }
  | { readonly do: 'verify'; readonly detail: string }
  | { readonly do: 'undo'; readonly why: string; readonly expired?: true }

/** What is to be done about a live action now. */
export function judge(deed: Deed, signs: Signs, now: number): Judgement {
  return holds(deed.kind) ? judgeHold(deed, signs, now) : judgeMove(deed, signs, now)
}

function judgeHold(deed: Deed, { kept, begun, mended }: Signs, now: number): Judgement {
  if (!kept) return { do: 'undo', why: 'the config was changed by somebody else' }
  if (mended !== undefined) return { do: 'undo', why: mended }
  const names = deed.chains.map((chain) => `"${chain}"`).join(', ')
  if (begun > 0) {
    const times = begun === 1 ? 'once' : `${begun} times`
    return { do: 'undo', why: `it did not help: ${names} began ${times} all the same` }
  }
  if (now >= deed.until)
    return { do: 'undo', why: 'its time is over: what runs now shows how it is', expired: true }
  if (deed.state === 'taken' && now >= deed.checkAt)
    return { do: 'verify', detail: `no execution of ${names} has begun since` }
  return { do: 'wait' }
}

function judgeMove(deed: Deed, { run }: Signs, now: number): Judgement {
  if (run === 'failed') return { do: 'undo', why: 'it did not help: it did not come to a good end' }
  if (run === 'succeeded') return { do: 'verify', detail: 'it came to its end' }
  if (now >= deed.until) return { do: 'undo', why: 'it did not come to its end in time', expired: true }
  if (run === 'absent') return { do: 'perform' }
  if (deed.kind === 'unblock' && run === 'going' && now >= deed.checkAt)
    return { do: 'verify', detail: 'it goes on' }
  return { do: 'wait' }
}

/** Of the chains that an action holds back, those that nothing else in force does. */
export function freedBy(deed: Deed, deeds: readonly Deed[]): readonly string[] {
  const others = deeds.filter((one) => one.id !== deed.id && one.kind === deed.kind && isLive(one))
  return deed.chains.filter((chain) => !others.some(({ chains }) => chains.includes(chain)))
}
