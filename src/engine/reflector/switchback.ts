// The blocks of time of a trial of the whole process: now with the change, now without, in pairs whose order is drawn.

import { applyJsonPatch } from '../../reflection/json-patch.ts'
import type { JsonPatch } from '../../reflection/suggestion.ts'
import type { Fact, JournalEvent } from '../../journal/event.ts'
import type { TrialArm } from '../../journal/watch-fact.ts'
import type { Cancel, Clock } from '../../kernel/clock.ts'
import { decode, encode } from '../../kernel/codec.ts'
import type { ConfigChange, ConfigOverlay } from '../../supervision/config.ts'
import { recipeOf, withoutVersion } from '../../supervision/config-patch.ts'

export interface SwitchbackHost {
  readonly clock: Clock
  readonly config: ConfigOverlay
  readonly record: (facts: readonly Fact[], change?: () => ConfigChange | undefined) => void
  /** Of the time, so much takes part. */
  readonly share: () => number
  /** Whether the config says of what is tried only what the trial has it say: else nothing is switched any more. */
  readonly isOurs: () => boolean
  /** The config is no longer what can be switched. */
  readonly failed: (error: unknown) => void
}

type Arm = TrialArm['arm'] | 'off'
type Switched = JournalEvent & { readonly type: 'trial.switched' }

export class Switchback {
  readonly #host: SwitchbackHost
  readonly #trial: string
  readonly #patch: readonly JsonPatch[]
  /** How long a block is (ms). */
  readonly #block: number
  #arm: Arm = 'off'
  #pair = 0
  /** Takes the change back, while it is made. */
  #inverse: readonly JsonPatch[] | undefined
  #timer: Cancel | undefined

  constructor(
    host: SwitchbackHost,
    {
      trial,
      patch,
      block,
    }: { readonly trial: string; readonly patch: readonly JsonPatch[]; readonly block: number },
  ) {
    this.#host = host
    this.#trial = trial
    this.#patch = withoutVersion(patch)
    this.#block = block
  }

  /** What a run that is accepted now belongs to. */
  get arm(): TrialArm | undefined {
    return this.#arm === 'off' ? undefined : { trial: this.#trial, arm: this.#arm, pair: this.#pair }
  }

  /** What was recorded before the process began. */
  recall({ pair, arm, payload }: Switched): void {
    this.#pair = pair
    this.#arm = arm
    this.#inverse = payload === undefined ? undefined : (decode(payload) as readonly JsonPatch[])
  }

  /** Goes on: a pair that was broken off is not made whole. */
  start(): void {
    if (this.#arm !== 'off') this.#to('off')
    this.#next()
  }

  /** Takes the change back where it is made; to be recorded with the end. */
  back(): (() => ConfigChange | undefined) | undefined {
    this.stop()
    const inverse = this.#inverse
    if (inverse === undefined) return undefined
    const { config } = this.#host
    return () => config.change(recipeOf(inverse, config.version))
  }

  stop(): void {
    this.#timer?.()
    this.#timer = undefined
  }

  #next(): void {
    this.#pair++
    const first = this.#host.clock.random() < 0.5 ? 'control' : 'treated'
    this.#to(first)
    this.#after(this.#block, () => {
      this.#to(first === 'control' ? 'treated' : 'control')
      this.#after(this.#block, () => {
        this.#to('off')
        // the rest of the time nothing is tried
        this.#after(2 * this.#block * (1 / this.#host.share() - 1), () => this.#next())
      })
    })
  }

  #after(ms: number, then: () => void): void {
    const { clock } = this.#host
    this.#timer = clock.at(clock.now() + ms, then)
  }

  #to(arm: Arm): void {
    const { record, isOurs, failed } = this.#host
    if (!isOurs()) return this.stop()
    try {
      const { change, payload } = this.#changeTo(arm)
      this.#arm = arm
      const switched = { type: 'trial.switched', id: this.#trial, pair: this.#pair, arm } as const
      record([{ ...switched, ...(payload === undefined ? {} : { payload }) }], change)
    } catch (error) {
      this.stop()
      failed(error)
    }
  }

  #changeTo(arm: Arm): {
    readonly change: (() => ConfigChange | undefined) | undefined
    readonly payload?: string | undefined
  } {
    const { config } = this.#host
    if (arm === 'treated') {
      const copy = JSON.parse(JSON.stringify(config.current)) as object
      const inverse = applyJsonPatch(copy, this.#patch)
      const recipe = recipeOf(this.#patch, config.version)
      config.preview(recipe)
      this.#inverse = inverse
      return { change: () => config.change(recipe), payload: encode(inverse, 'a patch') }
    }
    const inverse = this.#inverse
    if (inverse === undefined) return { change: undefined }
    const recipe = recipeOf(inverse, config.version)
    config.preview(recipe)
    this.#inverse = undefined
    return { change: () => config.change(recipe) }
  }
}
