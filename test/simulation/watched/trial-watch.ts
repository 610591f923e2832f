// Watches the trials of the reflector in a journal: who takes part under what, how each ends, and what it leaves behind.

import type { JournalEvent } from '../../../src/journal/event.ts'
import type { JsonPatch } from '../../../src/reflection/suggestion.ts'
import { Standing, type TrialRecord } from '../../../src/reflection/standing.ts'
import type { Config } from '../../../src/supervision/config.ts'
import { isByRun, touchedBy, withoutVersion } from '../../../src/supervision/config-patch.ts'
import type { Proof } from '../../../src/testing/simulation/proof.ts'
import type { ConfigFold } from './config-fold.ts'
import type { WatchedShape } from './shape.ts'
import { allTried } from './tried.ts'
import { slack, treatedOf } from './variants.ts'

export interface TrialWatch {
  see(event: JournalEvent): void
  /** A process has been there since. */
  up(since: number): void
  /** Once a person has ended what goes on: nothing of it is left. */
  judge(): void
  /** How each has ended. */
  readonly ended: readonly string[]
  /** Whether something that does harm was ever tried, and no person has put such a thing into the config. */
  harmful(): boolean
}

type Of<T extends JournalEvent['type']> = JournalEvent & { readonly type: T }

interface Going {
  readonly record: TrialRecord
  readonly patch: readonly JsonPatch[]
  readonly single: boolean
  /** What the config said of it without the trial, when that was told last. */
  base: string
  /** When a person changed what it tries. */
  disturbed: number | undefined
  /** What the config says of it since. */
  wanted: string
  pair: number
  arm: 'control' | 'treated' | 'off'
  endedAt: number | undefined
}

export function createTrialWatch(proof: Proof, { reflect }: WatchedShape, config: ConfigFold): TrialWatch {
  const standing = new Standing()
  const all = new Map<string, Going>()
  const arms = new Map<string, NonNullable<Of<'run.accepted'>['arm']>>()
  const drawn = new Set<string>()
  const ended: string[] = []
  let harm: 'none' | 'tried' | 'wanted' = 'none'
  let since = 0
  let before: JournalEvent | undefined
  let lastEnd = -Infinity
  /** Versions of the config that wait to be told why they came about: of what is written in the next moment. */
  let changed:
    | { readonly was: Readonly<Config>; readonly is: Readonly<Config>; readonly at: number }
    | undefined

  const live = (): readonly Going[] => [...all.values()].filter(({ endedAt }) => endedAt === undefined)

  const start = (event: Of<'trial.started'>): void => {
    const where = (): string => `trial of ${event.suggestion} (${event.by}) at seq ${event.seq}`
    const state = standing.trialOf(event.suggestion)
    proof.check('trial', state === undefined || state.ended !== undefined, () => `${where()} goes on already`)
    const dismissed = standing.dismissed.has(event.suggestion)
    standing.apply(event)
    const record = standing.trials.get(event.id)
    const patch = record?.plan?.suggestion.patch ?? []
    proof.check('trial', patch.length > 0, () => `${where()} tries nothing`)
    proof.check('persons', reflect.policy !== 'off', () => `${where()}, whose policy is off`)
    const [other] = live()
    proof.check(
      'trial',
      other === undefined,
      () => `${where()} goes on beside that of ${other?.record.suggestion}`,
    )
    if (event.by === 'auto') {
      proof.check(
        'persons',
        reflect.policy === 'auto' && !dismissed && record?.plan?.suggestion.class === 'A',
        () => `${where()}, though nobody has asked for it`,
      )
      proof.check(
        'persons',
        event.at >= lastEnd + reflect.rest,
        () => `${where()}, though one has ended at ${lastEnd}, and it is to rest for ${reflect.rest}`,
      )
    }
    if (allTried.get(event.suggestion)?.effect === 'harms' && harm === 'none') harm = 'tried'
    if (record === undefined) return
    all.set(event.id, {
      record,
      patch: withoutVersion(patch),
      single: isByRun(patch),
      base: touchedBy(config.current, patch),
      disturbed: undefined,
      wanted: '',
      pair: 0,
      arm: 'off',
      endedAt: undefined,
    })
  }
  const switched = (event: Of<'trial.switched'>): void => {
    const { id, arm, pair, seq } = event
    const going = all.get(id)
    const where = (): string => `trial of ${going?.record.suggestion} is switched to ${arm} at seq ${seq}`
    proof.check(
      'trial',
      going !== undefined && going.endedAt === undefined,
      () => `${where()}, which is over`,
    )
    if (going === undefined) return
    const follows = arm === 'off' ? pair === going.pair : pair === going.pair || pair === going.pair + 1
    proof.check(
      'trial',
      follows && arm !== going.arm,
      () => `${where()} ${pair}, was ${going.arm} ${going.pair}`,
    )
    if (going.disturbed === undefined) {
      const now = touchedBy(config.current, going.patch)
      const expected =
        arm === 'treated' ? touchedBy(treatedOf(config.current, going.patch), going.patch) : going.base
      proof.check('trial', now === expected, () => `${where()}, and the config says ${now}, not ${expected}`)
    }
    going.pair = pair
    going.arm = arm
  }
  const end = (event: Of<'trial.ended'>): void => {
    const { id, verdict, why, seq, at } = event
    const going = all.get(id)
    const suggestion = going?.record.suggestion ?? ''
    const where = (): string => `trial of ${suggestion} is ${verdict} at seq ${seq}: ${why}`
    proof.check(
      'trial',
      going !== undefined && going.endedAt === undefined,
      () => `${where()}, which is over`,
    )
    if (going === undefined) return
    const { patch, base, disturbed } = going
    proof.check('trial', why.length > 3, where)
    const now = touchedBy(config.current, patch)
    if (verdict === 'kept') {
      // where a person has put worse into the config, it may well do less harm than that
      if (harm !== 'wanted') proof.check('harm', allTried.get(suggestion)?.effect !== 'harms', where)
      proof.check(
        'persons',
        disturbed === undefined,
        () => `${where()}, though a person has changed that since`,
      )
      const treated = touchedBy(treatedOf(config.current, patch), patch)
      proof.check('trial', now === treated, () => `${where()}, but the config says ${now}`)
      proof.check('applied', (now === treated && before?.type === 'config.changed') || !going.single, where)
    } else {
      const left = disturbed === undefined ? base : going.wanted
      proof.check('trial', now === left, () => `${where()}, and leaves ${now} in the place of ${left}`)
    }
    going.endedAt = at
    lastEnd = at
    ended.push(`trial: ${verdict}`)
    if (verdict !== 'stopped') ended.push(`trial: ${suggestion} ${verdict}`)
  }
  const accept = (event: Of<'run.accepted'>): void => {
    const { arm, run, seq } = event
    if (arm === undefined) return
    const where = (): string => `${run} at seq ${seq} is ${arm.arm} ${arm.pair} of trial ${arm.trial}`
    const going = all.get(arm.trial)
    proof.check('arm', going !== undefined && going.endedAt === undefined, () => `${where()}, which is over`)
    proof.check('arm', !arms.has(run), () => `${where()}, and was ${JSON.stringify(arms.get(run))}`)
    arms.set(run, arm)
    if (going === undefined) return
    if (!going.single)
      return proof.check(
        'arm',
        going.arm === arm.arm && going.pair === arm.pair,
        () => `${where()}, while it is ${going.arm} ${going.pair}`,
      )
    const half = `${arm.trial} ${arm.pair} ${arm.arm}`
    proof.check('arm', !drawn.has(half), () => `${where()}, as another run is`)
    drawn.add(half)
  }
  /** A person's, where no watcher's fact comes right after it. */
  const judgeChange = (next: JournalEvent): void => {
    if (changed === undefined) return
    const { was, is, at } = changed
    changed = undefined
    for (const going of live()) {
      const now = touchedBy(is, going.patch)
      if (touchedBy(was, going.patch) === now) continue
      const own = isOwn(going, next)
      if (going.disturbed !== undefined)
        proof.check(
          'persons',
          !own,
          () =>
            `trial of ${going.record.suggestion} writes over what a person has changed at ${going.disturbed}`,
        )
      if (now === going.base) going.disturbed = undefined
      else if (!own) {
        going.disturbed ??= at
        going.wanted = now
      }
    }
  }
  const applied = ({ id, config: version, seq }: Of<'suggestion.applied'>): void => {
    const { suggestion: { patch = [] } = {}, effect } = allTried.get(id) ?? {}
    if (effect === 'harms') harm = 'wanted'
    const now = touchedBy(config.current, patch)
    const whole = touchedBy(treatedOf(config.current, withoutVersion(patch)), patch)
    proof.check(
      'applied',
      version === config.version && now === whole,
      () => `${id} is applied at seq ${seq} as version ${version}, of ${config.version}, which says ${now}`,
    )
  }

  return {
    ended,
    harmful: () => harm === 'tried',
    up(at) {
      since = at
    },
    see(event) {
      judgeChange(event)
      if (event.type === 'engine.started') since = event.at
      for (const { record, disturbed } of live())
        if (disturbed !== undefined)
          proof.check(
            'persons',
            event.at <= Math.max(disturbed, since) + slack,
            () =>
              `a person has changed at ${disturbed} what trial of ${record.suggestion} tries, and it goes on`,
          )
      if (event.type === 'config.changed')
        changed = { was: config.at(event.version - 1) ?? config.current, is: config.current, at: event.at }
      if (event.type === 'trial.started') start(event)
      else standing.apply(event)
      if (event.type === 'trial.switched') switched(event)
      if (event.type === 'trial.ended') end(event)
      if (event.type === 'run.accepted') accept(event)
      if (event.type === 'suggestion.applied') applied(event)
      before = event
    },
    judge() {
      const left = live().map(({ record }) => `${record.suggestion} (${record.id})`)
      proof.check('trial', left.length === 0, () => `trials go on at the end: ${left.join(', ')}`)
    },
  }
}

/** Whether a change of the config that `next` comes right after is the trial's own doing, and not one that takes it back. */
function isOwn({ record }: Going, next: JournalEvent): boolean {
  if (next.type === 'trial.ended') return next.id === record.id && next.verdict === 'kept'
  return next.type === 'trial.switched' && next.id === record.id && next.arm === 'treated'
}
