// An observable of the engine in anybody's hands: what its subscribers throw never reaches the host.

import { type Observer, Observable, type Operator, type Subscription } from 'rxjs'

/** Told what a subscriber threw. */
export type Problem = (what: string, error: unknown) => void

type Given<T> = Partial<Observer<T>> | ((value: T) => void) | null

/**
 * rxjs throws what nobody handles from a timer, where it ends the process. Here it is told once for each subscriber:
 * one whose `next` throws goes on with the next value, as in rxjs; one in whose operators something throws, and that
 * handles no errors, gets nothing more. Observables made from this one by `pipe` are guarded as well; what
 * `merge` and the like make of it is the host's own.
 */
export class GuardedObservable<T> extends Observable<T> {
  readonly #name: string
  readonly #problem: Problem

  /** @param name for the log: `events$`. */
  constructor(name: string, from: Observable<T> | undefined, problem: Problem) {
    super(from === undefined ? undefined : (subscriber) => from.subscribe(subscriber))
    this.#name = name
    this.#problem = problem
  }

  override lift<R>(operator?: Operator<T, R>): Observable<R> {
    const lifted = new GuardedObservable<R>(this.#name, undefined, this.#problem)
    // as rxjs does; it marks both as its own
    Object.assign(lifted, { source: this, operator })
    return lifted
  }

  override subscribe(observer?: Partial<Observer<T>> | ((value: T) => void)): Subscription
  override subscribe(
    next?: ((value: T) => void) | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription
  override subscribe(
    given?: Given<T>,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    // an operator's, or one that somebody has guarded: it hears of its own errors
    if (isSubscriber(given)) return super.subscribe(given)
    const observer: Partial<Observer<T>> =
      typeof given === 'object' && given !== null
        ? given
        : {
            ...(given === null || given === undefined ? {} : { next: given }),
            ...(error === null || error === undefined ? {} : { error }),
            ...(complete === null || complete === undefined ? {} : { complete }),
          }
    return super.subscribe(this.#guarded(observer))
  }

  #guarded(observer: Partial<Observer<T>>): Observer<T> {
    let told = false
    const tell = (what: string, error: unknown): void => {
      if (told) return
      told = true
      this.#problem(`a subscriber of ${this.#name} ${what}`, error)
    }
    const attempt = (call: () => void): void => {
      try {
        call()
      } catch (error) {
        tell('threw, and is told of once', error)
      }
    }
    return {
      next: (value) => attempt(() => observer.next?.(value)),
      error: (error: unknown) => {
        if (observer.error === undefined) tell('failed and gets nothing more', error)
        else attempt(() => observer.error?.(error))
      },
      complete: () => attempt(() => observer.complete?.()),
    }
  }
}

/** By its shape, as rxjs itself tells: it may be of another copy of rxjs. */
function isSubscriber<T>(value: Given<T> | undefined): value is Observer<T> {
  if (typeof value !== 'object' || value === null) return false
  return ['next', 'error', 'complete', 'add', 'remove', 'unsubscribe'].every(
    (name) => typeof (value as Record<string, unknown>)[name] === 'function',
  )
}
