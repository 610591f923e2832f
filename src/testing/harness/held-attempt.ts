// An attempt whose end is in the hands of a test.

import type { StepContext } from '../../definition/context.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import type { Called } from './scripted-chains.ts'
import { errorOf } from './scripts.ts'

/** An attempt that is in flight until the test ends it. */
export interface HeldAttempt {
  readonly chain: string
  readonly step: string
  /** Which try this is, from 1. */
  readonly attempt: number
  /** The item, in an `each`; undefined elsewhere. */
  readonly item: unknown
  /** All that the step's function would have been handed: `input`, `needs`, `steps`, `signal`, `heartbeat()` and so on. */
  readonly context: StepContext
  /** Whether it has ended, or what it is part of has gone on without it. */
  readonly over: boolean
  /** It succeeds with this; resolves once all that follows at once has happened. */
  succeed(output?: unknown): Promise<void>
  /** It fails with this: an error, or the message of one. */
  fail(error?: unknown): Promise<void>
  /** It does what the chain's author wrote; resolves once that has ended, and what follows. */
  real(): Promise<void>
  /**
   * Does what the chain's author wrote, and tells nobody how that ended: the attempt stays in flight. So its effect is
   * there and its outcome is not, whatever comes next: `succeed`, `fail`, a crash, a timeout, a cancel. Resolves once
   * that has ended; a script that waits for time to pass, such as `slow`, goes on as it does.
   */
  work(): Promise<void>
  /** It goes on when its signal is aborted, as a function that does not look at it: its end is late then. */
  ignoreAbort(): void
}

export interface Held extends HeldAttempt {
  /** What its caller waits for. */
  readonly outcome: Promise<unknown>
  /** Its process has died: nothing that it does counts any more. */
  lose(): void
}

/** What an attempt that is held asks of the test. */
export interface Holding {
  /** Lets all that is under way come to rest. */
  readonly settle: () => Promise<void>
  /** Whether no abort ends an attempt by itself now. */
  readonly deaf?: () => boolean
  /** What it does is a script, which may wait for time to pass, or for ever. Default false. */
  readonly scripted?: boolean
}

export function holdAttempt(
  { chain, step, context, item, real }: Called,
  { settle, deaf: allDeaf, scripted = false }: Holding,
): Held {
  let resolve: (output: unknown) => void
  let reject: (error: unknown) => void
  const outcome = new Promise<unknown>((yes, no) => {
    resolve = yes
    reject = no
  })
  let over: string | undefined
  let deaf = false
  const { signal, attempt } = context
  const refuseOver = (): void => {
    if (over === undefined) return
    const name = `attempt ${attempt} of "${step}"`
    throw new CatenaryError('ATTEMPT_OVER', `${name} ${over}: ask for the next one`)
  }
  const end = (how: string, by: () => void): void => {
    refuseOver()
    over = how
    by()
  }
  const aborted = (): void => {
    if (!deaf && allDeaf?.() !== true && over === undefined) end('was aborted', () => reject(signal.reason))
  }
  signal.addEventListener('abort', aborted, { once: true })
  return {
    chain,
    step,
    attempt,
    item,
    context,
    outcome,
    get over() {
      return over !== undefined
    },
    async succeed(output) {
      end('has succeeded', () => resolve(output))
      await settle()
    },
    async fail(error) {
      end('has failed', () => reject(errorOf(error)))
      await settle()
    },
    async real() {
      end('does what its own function does', () => resolve(new Promise((done) => done(real()))))
      await settle()
    },
    async work() {
      refuseOver()
      const done = Promise.resolve().then(real).then(nothing, nothing)
      await (scripted ? Promise.race([done, settle()]) : done)
      await settle()
    },
    ignoreAbort() {
      deaf = true
    },
    lose() {
      over ??= 'was lost as its process died'
    },
  }
}

function nothing(): void {}
