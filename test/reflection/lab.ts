// What tests of the reflector share: histories made by the real engine in virtual time, and work whose every draw is named.

import { createRandom } from '../../src/kernel/random.ts'
import type { AnyChain } from '../../src/chain/any-chain.ts'
import type { StepContext } from '../../src/definition/context.ts'

import type { Declaration } from '../../src/definition/declaration.ts'
import type { JournalEvent } from '../../src/journal/event.ts'
import { createRunRecords } from '../../src/observe/run-records.ts'
import type { RunRecord } from '../../src/observe/run-record.ts'
import { applyJsonPatch } from '../../src/reflection/json-patch.ts'
import type { JsonPatch } from '../../src/reflection/suggestion.ts'
import type { Tunables } from '../../src/reflection/tunables.ts'
import { type Rig, type RigOptions, createRig } from '../engine/rig.ts'

export interface Start {
  /** After the beginning (ms). */
  readonly at: number
  readonly targets: readonly AnyChain[]
  readonly input?: unknown
  readonly priority?: number
  /** Sent to it after so long (ms). */
  readonly signals?: Readonly<Record<string, number>>
}

export interface Observed {
  readonly records: readonly RunRecord[]
  readonly declaration: Declaration
  readonly recorded: Tunables
  readonly events: readonly JournalEvent[]
  readonly now: number
  /** Where it happened, still alive. */
  readonly rig: Rig
}

export interface LabOptions extends RigOptions {
  /** Of the config, before anything starts. */
  readonly patch?: readonly JsonPatch[]
}

/** A place where work is done in virtual time: the same attempt draws the same, whatever the config. */
export interface Lab {
  /** In [0, 1), by name. */
  chance(...name: readonly (string | number | undefined)[]): number
  /** Resolves after so long (ms), or rejects as its signal is aborted. */
  work(ms: number, context: Pick<StepContext, 'signal'>): Promise<void>
  /** All that came of it, once every run has ended. */
  observe(chains: readonly AnyChain[], starts: readonly Start[], options?: LabOptions): Promise<Observed>
}

export function createLab(seed: number): Lab {
  let rig: Rig | undefined
  return {
    chance: (...name) => {
      let hash = seed | 0
      for (const char of name.join('\n')) hash = Math.imul(hash ^ char.charCodeAt(0), 0x0100_0193)
      return createRandom(hash >>> 0)()
    },
    work: async (ms, { signal }) =>
      new Promise((resolve, reject) => {
        if (rig === undefined) return resolve()
        const { clock } = rig
        const cancel = clock.at(clock.now() + ms, resolve)
        signal.addEventListener('abort', () => {
          cancel()
          reject(new Error('aborted'))
        })
      }),
    async observe(chains, starts, { patch = [], ...options } = {}) {
      const mine = (rig = await createRig([...chains], { concurrency: 16, ...options }))
      const { config } = mine.supervisor
      if (patch.length > 0) await mine.until(config.change((draft) => void applyJsonPatch(draft, patch)))
      const begun = mine.now()
      for (const [index, { at, targets, input, priority, signals }] of starts.entries())
        mine.clock.at(begun + at, () => {
          const given = { id: `run-${index}`, ...(priority === undefined ? {} : { priority }) }
          void mine.supervisor.start(targets, input, given).then((run) => {
            for (const [name, after] of Object.entries(signals ?? {}))
              mine.clock.at(begun + at + after, () => void run.signal(name, undefined).catch(() => {}))
          })
        })
      await mine.advance(Math.max(0, ...starts.map(({ at }) => at)))
      while (await mine.steps(10_000));
      for (let tries = 0; tries < 1000; tries++) {
        await mine.advance(60_000)
        if (mine.told('run.ended').length === starts.length) break
      }
      const events = mine.whole()
      const records = createRunRecords()
      for (const event of events) records.apply(event)
      return {
        records: [...records.ended.values()],
        declaration: records.declared.declaration as Declaration,
        recorded: { version: config.version, ...config.current },
        events,
        now: mine.now(),
        rig: mine,
      }
    },
  }
}
