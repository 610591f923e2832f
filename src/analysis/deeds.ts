// What the supervisor itself can do: for what, whether the evidence suffices, and how it stands where it was done.

import { type DeedKind, type DeedPolicy, isLive } from '../../machines/action-rules.ts'
import type { ChainDeclaration } from '../definition/declaration.ts'
import { actionId } from './action-id.ts'
import type { ActionRecord, ActionStanding } from './action-standing.ts'
import type { ActionDeed, NecessaryAction } from './report-built.ts'
import type { Scene } from './scene.ts'
import type { Stale } from './stale.ts'
import type { Survey } from './survey.ts'

/** Executions in a row that show anew how a chain does, after it was held back or stood still. */
const leastAnew = 3

/** All that cannot succeed where a chain does not: by needs that are hard under a rule that asks for success. */
export function belowOf(declared: ReadonlyMap<string, ChainDeclaration>, chain: string): readonly string[] {
  const found = new Set<string>()
  const next = [chain]
  for (const one of next)
    for (const { id, when, needs } of declared.values()) {
      if (found.has(id) || id === chain || when !== 'all_success') continue
      if (!needs.some((need) => need.kind === 'hard' && need.chain === one)) continue
      found.add(id)
      next.push(id)
    }
  return [...found]
}

/** Held back once, it is held back again only for failures that came after. */
export function deedOfHold(
  { survey, declared }: Scene,
  kind: 'quarantine' | 'pause-downstream',
  chain: string,
  chains: readonly string[],
): ActionDeed {
  const last = survey.evidence.actions.records.get(actionId(kind, { chain }))
  const since = last === undefined || isLive(last) ? undefined : last.endedAt
  const anew = (survey.ended.get(chain) ?? []).filter(
    (one) => since === undefined || (one.chain.startedAt ?? 0) > since,
  )
  const failed = anew.filter((one) => one.chain.status === 'failed').length
  const succeeded = anew.some((one) => one.chain.status === 'succeeded')
  return {
    chains,
    cause: `${declared.get(chain)?.version ?? ''} ${since === undefined ? 0 : (last?.endedSeq ?? 0)}`,
    evident: since === undefined || (failed >= leastAnew && !succeeded),
  }
}

/** A dead letter is tried again once all that it had still to do has succeeded elsewhere since, several times in a row. */
export function deedOfUnblock({ evidence, ended }: Survey, run: string): ActionDeed {
  const parked = evidence.parked.get(run)
  const record = evidence.records.open.get(run) ?? evidence.records.ended.get(run)
  const left = [...(record?.chains.values() ?? [])].filter(({ status }) => status !== 'succeeded')
  const isWell = (chain: string): boolean => {
    const since = (ended.get(chain) ?? []).filter(
      (one) =>
        one.run.run !== run &&
        (one.chain.startedAt ?? 0) > (parked?.at ?? 0) &&
        (one.chain.status === 'succeeded' || one.chain.status === 'failed'),
    )
    const latest = since.slice(-leastAnew)
    return latest.length === leastAnew && latest.every((one) => one.chain.status === 'succeeded')
  }
  return {
    chains: [...new Set(left.map(({ chain }) => chain))],
    cause: `parked ${parked?.seq ?? 0}`,
    evident: left.length > 0 && left.every(({ chain }) => isWell(chain)),
  }
}

export function deedOfRerun(chain: string, { cause, from }: Stale, evident: boolean): ActionDeed {
  return { chains: [chain], cause, from, evident }
}

/** An action with what the journal says of it. */
export function standingOf(action: NecessaryAction, { records, dismissed }: ActionStanding): NecessaryAction {
  const { deed } = action
  if (deed === undefined) return action
  const record = records.get(action.id)
  if (record !== undefined && (isLive(record) || record.cause === deed.cause)) {
    const came = record.came === undefined ? {} : { came: record.came }
    return {
      ...action,
      state: record.state === 'taken' ? 'applied' : record.state,
      deed: { ...deed, chains: record.chains, cause: record.cause, ...came, until: record.until },
    }
  }
  return dismissed.get(action.id) === deed.cause ? { ...action, state: 'dismissed' } : action
}

/** Those in force that nothing would ask for now. */
export function inForce(
  standing: ActionStanding,
  known: ReadonlySet<string>,
): readonly (Pick<
  NecessaryAction,
  'kind' | 'place' | 'sentence' | 'why' | 'severity' | 'confidence' | 'check' | 'unlocked'
> & { readonly deed: ActionDeed })[] {
  return standing
    .live()
    .filter(({ id }) => !known.has(id))
    .map((record) => ({
      kind: record.kind,
      place: record.place,
      sentence: sentenceOf(record),
      why: record.why,
      severity: 'low',
      confidence: 1,
      check: 'its reason is gone',
      unlocked: [],
      deed: { chains: record.chains, cause: record.cause, evident: true },
    }))
}

function sentenceOf({ kind, place, chains }: ActionRecord): string {
  switch (kind) {
    case 'quarantine':
      return `"${place.chain}" is held back until it is mended`
    case 'pause-downstream':
      return `what needs "${place.chain}" is held back: ${chains.join(', ')}`
    case 're-run-stale':
      return `"${place.chain}" runs again`
    case 'unblock':
      return `run ${place.run ?? ''} of "${place.chain}" goes on`
  }
}

/** What the supervisor may do of it. */
export function underPolicy(
  action: NecessaryAction,
  policyOf: (kind: DeedKind) => DeedPolicy,
): NecessaryAction {
  if (action.deed === undefined) return action
  const policy = policyOf(action.kind as DeedKind)
  const state = action.state === 'proposed' && policy === 'ask' ? 'asked' : action.state
  return { ...action, policy, state }
}
