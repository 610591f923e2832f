// Watches whether what the config says, and what a trial tries, is what runs in a journal run under.

import type { JournalEvent } from '../../../src/journal/event.ts'
import type { Proof } from '../../../src/testing/simulation/proof.ts'
import type { Config } from '../../../src/supervision/config.ts'
import type { ConfigFold } from './config-fold.ts'
import type { WatchedShape } from './shape.ts'
import type { TrialWatch } from './trial-watch.ts'
import { harms, place } from './tried.ts'
import type { VariantFold } from './variants.ts'

export interface TuningWatch {
  see(event: JournalEvent): void
}

type Started = JournalEvent & { readonly type: 'attempt.started' }
type Failed = JournalEvent & { readonly type: 'attempt.failed' }

/** What the author says. */
const told = { inFlight: 1, attempts: 3 } as const

export function createTuningWatch(
  proof: Proof,
  { family: { waits } }: WatchedShape,
  {
    config,
    trials,
    variants,
  }: { readonly config: ConfigFold; readonly trials: TrialWatch; readonly variants: VariantFold },
): TuningWatch {
  /** Items in flight, by run. */
  const open = new Map<string, Set<string>>()
  /** Tries of each item since the run was retried, but for those that were lost. */
  const tries = new Map<string, number>()
  /** Items that what they ran under gives up, and why. */
  const over = new Map<string, string>()

  const accepted = (event: JournalEvent & { readonly type: 'run.accepted' }): void => {
    const node = event.plan.find(({ chain }) => chain === 'batch')
    if (node === undefined || !waits) return
    const under: Readonly<Config> | undefined = variants.treated(event.run) ?? config.at(event.config)
    const dropped = under?.edges['batch<-load'] !== undefined
    const does = node.needs.some(({ name }) => name === 'load')
    proof.check(
      'applied',
      does !== dropped,
      () => `${event.run} at seq ${event.seq} ${does ? 'waits' : 'does not wait'} for load`,
    )
  }
  /** Nobody but those on the treated side runs under what does harm, where no person has put it into the config. */
  const judgeHarm = ({ run, seq, config: version }: Started): void => {
    if (!trials.harmful() || variants.treated(run) !== undefined) return
    const tuning = JSON.stringify(config.at(version)?.steps[place] ?? {})
    proof.check('harm', !harms.includes(tuning), () => `${run} runs under ${tuning} at seq ${seq}`)
  }
  const started = (event: Started): void => {
    const { run, item = '', seq } = event
    judgeHarm(event)
    const key = `${run} ${item}`
    tries.set(key, (tries.get(key) ?? 0) + 1)
    const items = open.get(run) ?? new Set()
    open.set(run, items)
    items.add(item)
    const now = variants.treated(run) === undefined ? [config.at(event.config)] : []
    const most = Math.max(
      ...[...now, ...variants.of(run, event.at)].map(
        (under) => under?.steps[place]?.inFlight ?? told.inFlight,
      ),
    )
    proof.check(
      'applied',
      items.size <= most,
      () => `${run} works on ${items.size} items of ${most} at seq ${seq}`,
    )
    const why = over.get(key)
    proof.check('applied', why === undefined, () => `${item} of ${run} is tried again at seq ${seq}: ${why}`)
  }
  const failed = (event: Failed): void => {
    const { run, item = '', failure } = event
    const key = `${run} ${item}`
    const whys = variants.of(run, event.at).map(({ steps }) => {
      const { attempts = told.attempts, nonRetryable = [] } = steps[place] ?? {}
      if (nonRetryable.includes(failure.name ?? '')) return `${failure.name} is of no use`
      return (tries.get(key) ?? 0) >= attempts ? `it may be tried ${attempts} times` : undefined
    })
    if (whys[0] !== undefined && !whys.includes(undefined)) over.set(key, whys[0])
  }

  return {
    see(event) {
      if (event.type === 'run.accepted') return accepted(event)
      if (event.type === 'run.retried') {
        open.delete(event.run)
        for (const key of over.keys()) if (key.startsWith(`${event.run} `)) over.delete(key)
        for (const key of tries.keys()) if (key.startsWith(`${event.run} `)) tries.delete(key)
        return
      }
      if (!('step' in event) || event.chain !== 'batch' || event.step !== 'each0') return
      if (event.type === 'attempt.started') return started(event)
      if (!event.type.startsWith('attempt.')) return
      if (event.type === 'attempt.queued' || event.type === 'attempt.settled-late') return
      if (!('item' in event)) return
      open.get(event.run)?.delete(event.item ?? '')
      const key = `${event.run} ${event.item}`
      if (event.type === 'attempt.lost') tries.set(key, (tries.get(key) ?? 0) - 1)
      if (event.type === 'attempt.failed') failed(event)
    },
  }
}
