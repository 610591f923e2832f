// The way of an attempt, or a chain, past what is memoised: takes what is kept, waits for who is at it, or goes to work.

import type { Payload } from '../../journal/event.ts'
import type { Cancel } from '../../kernel/clock.ts'
import type { ChainParent } from './chain-parent.ts'
import type { Found, Keeping, Memos, Worker } from '../memos.ts'

/** What is awaited, as the journal says it; with the run that was at work when the wait began. */
export const memoWait = 'memo'

export class MemoPass {
  /** What was found. */
  found: Found | undefined
  readonly #memos: Memos
  readonly #worker: Worker
  readonly #keeping: Keeping
  /** Only what was made after this counts (ms since the epoch). */
  readonly #after: number
  #working = false
  /** What was kept could not be read: it is as if it were not there. */
  #unread = false

  constructor(memos: Memos, worker: Worker, keeping: Keeping, after: number) {
    this.#memos = memos
    this.#worker = worker
    this.#keeping = keeping
    this.#after = after
  }

  get key(): string {
    return this.#keeping.key
  }

  /** Whether there is something to be taken, so that nothing needs be done. */
  get serves(): boolean {
    return !this.#working && this.#isKept
  }

  /** Whether what it went to work for, and has not begun, is there by now: of a run that was retried meanwhile. */
  get isOvertaken(): boolean {
    return this.#working && this.#isKept
  }

  get #isKept(): boolean {
    return !this.#unread && this.#memos.has(this.#keeping.key, this.#after)
  }

  /** @returns what it must wait for; undefined where it is to work, or something was found. */
  tryPass(): string | undefined {
    if (this.#working || this.found !== undefined) return undefined
    if (this.serves) return memoWait
    const other = this.#memos.take(this.#keeping.key, this.#worker)
    this.#working = other === undefined
    if (other === undefined) return undefined
    return other === '' ? memoWait : `${memoWait}:${other}`
  }

  /** Whether it passed only by what `wait` brings. */
  get waits(): boolean {
    return !this.#working && this.found === undefined
  }

  /** Waits for what `tryPass` named. */
  wait(again: () => void): Cancel {
    if (!this.serves)
      return this.#memos.wait(this.#keeping.key, () => {
        this.#unread = false
        again()
      })
    let wanted = true
    const read = (found: Found | undefined): void => {
      if (!wanted) return
      this.found = found
      this.#unread = found === undefined
      again()
    }
    // a store that cannot be read fails its next append as well
    this.#memos.read(this.#keeping.key).then(read, () => read(undefined))
    return () => void (wanted = false)
  }

  /** It was found at work. */
  occupy(): void {
    this.#working = true
    this.#memos.occupy(this.#keeping.key, this.#worker)
  }

  /** It does not go on: what it took for itself is the next one's. */
  drop(): void {
    this.found = undefined
    if (!this.#working) return
    this.#working = false
    this.#memos.leave(this.#keeping.key, this.#worker)
  }

  /** It has succeeded: keeps that in the same commit. Call it within a turn. */
  succeeded(parent: Pick<ChainParent, 'keep' | 'afterCommit'>, payload: Payload | undefined): void {
    if (!this.#working) return
    this.#working = false
    const [changes, effect] = this.#memos.keep(this.#keeping, this.#worker, payload)
    parent.keep(changes)
    parent.afterCommit(effect)
  }

  /** It has failed: once that is durable, the next may try. Call it within a turn. */
  failed(parent: Pick<ChainParent, 'afterCommit'>): void {
    if (!this.#working) return
    this.#working = false
    const leave = (): void => this.#memos.leave(this.#keeping.key, this.#worker)
    parent.afterCommit({ committed: leave, dropped: leave })
  }
}
