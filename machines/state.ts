// The shape of a state as our fragments write it; the compiler casts it to XState's once, where the machine is made.

/** A named action, guard or actor with its parameters, so that the statechart reads without code. */
export interface Named {
  readonly type: string
  readonly params?: Readonly<Record<string, unknown>>
}

export interface Transition {
  readonly target?: string
  readonly guard?: Named
  readonly actions?: Named | readonly Named[]
  readonly reenter?: boolean
}

export type Transitions = Transition | readonly Transition[]

export interface Invoke {
  readonly id: string
  readonly src: string
  readonly input?: (args: {
    readonly context: ChainContext
    readonly event: { readonly step?: string }
  }) => unknown
  readonly onDone?: Transitions
  readonly onError?: Transitions
}

export interface State {
  readonly type?: 'parallel' | 'final'
  readonly description?: string
  readonly initial?: string
  readonly states?: Readonly<Record<string, State>>
  readonly invoke?: Invoke | readonly Invoke[]
  readonly on?: Readonly<Record<string, Transitions>>
  readonly onDone?: Transitions
  readonly entry?: Named | readonly Named[]
  readonly always?: Transitions
  readonly output?: (args: {
    readonly context: ChainContext
    readonly event: { readonly failure?: unknown }
  }) => unknown
  readonly meta?: Readonly<Record<string, unknown>>
}

/** A failure as machines see it: they only carry it. */
export interface FailureLike {
  readonly kind: string
  readonly message: string
}

/** One thing that a compensation undoes: what it was, and whether it is known to have been done. */
export interface Undo {
  readonly step: string
  /** Key of the item in an `each`, and the round of a `repeat`. */
  readonly item?: string
  readonly outcome: 'succeeded' | 'unknown'
}

/** What a chain's machine remembers. Everything in it is recorded data; nothing in it is live. */
export interface ChainContext {
  readonly input: unknown
  /** What the chains that this one needs returned, by edge name. */
  readonly needs: Readonly<Record<string, unknown>>
  /** What each step returned. */
  readonly steps: Readonly<Record<string, unknown>>
  /** Attempts ended, by step; absent before the first ended badly. */
  readonly tries: Readonly<Record<string, number>>
  /** How many of those were lost with their process. */
  readonly lost: Readonly<Record<string, number>>
  /** Absolute due times (ms since the epoch) by timer. */
  readonly due: Readonly<Record<string, number>>
  /** The round each `repeat` is in, from 1; absent in the first. */
  readonly rounds: Readonly<Record<string, number>>
  /** The last failure of each step. */
  readonly failures: Readonly<Record<string, FailureLike>>
  /** What a step decided before it began: the items of an `each`, the input of a `call`. */
  readonly held: Readonly<Record<string, unknown>>
  /** The `parallel`s in which a branch failed while the others go on. */
  readonly broken: Readonly<Record<string, true>>
  /** The step whose failure ends the chain. */
  readonly failedStep: string | null
  readonly output: unknown
  /** Whether another chain's step waits for it; known only to chains that can be undone. */
  readonly called?: boolean
  /** What is undone, the last first; absent before that is decided. */
  readonly plan?: readonly Undo[]
  /** How much of the plan is undone. */
  readonly undone?: number
  /** What it ends as once all is undone, where not as failed. */
  readonly end?: 'cancelled' | 'undone'
}

/** Where a fragment stands, and where it goes on. Targets are absolute (`#chain.path`). */
export interface Place {
  /** Absolute path of the state that the fragment becomes. */
  readonly path: string
  /** Absolute path of the sequence that it is in. */
  readonly sequence: string
  /** Absolute path of what follows. */
  readonly next: string
  /** Absolute path of where a failure that nothing recovers goes. */
  readonly fail: string
  /** Names of the enclosing `repeat`s, outermost first. */
  readonly rounds: readonly string[]
}

/** Names the round of every enclosing `repeat`: `#2`, `#2#1`; undefined outside of one. */
export function roundOf(context: ChainContext, rounds: readonly string[]): string | undefined {
  if (rounds.length === 0) return undefined
  return rounds.map((name) => `#${context.rounds[name] ?? 1}`).join('')
}

/** Invokes a decision; author code in it may throw, which fails the step that asked. */
export function decision(
  { id, step, round }: { readonly id: string; readonly step: string; readonly round?: readonly string[] },
  place: Pick<Place, 'fail'>,
  onDone: Transitions,
): Invoke {
  return {
    id,
    src: id,
    input: ({ context }) => ({ item: roundOf(context, round ?? []) }),
    onDone,
    onError: { target: place.fail, actions: { type: 'keepFailure', params: { step } } },
  }
}
