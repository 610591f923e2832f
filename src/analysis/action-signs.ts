// What was seen since an action was taken: whether it holds, whether its reason is gone, how what it set going does.

import { holds, type Signs } from '../../machines/action-rules.ts'
import { hash } from '../kernel/codec.ts'
import type { ActionRecord } from './action-standing.ts'
import type { Evidence } from './evidence.ts'

/** The id of the run that it begins: the same however often it is begun. */
export function rerunOf({ id, cause, from = '' }: Pick<ActionRecord, 'id' | 'cause' | 'from'>): string {
  return `again-${hash(JSON.stringify([id, cause, from])).slice(0, 16)}`
}

export function signsOf(record: ActionRecord, evidence: Evidence): Omit<Signs, 'kept'> {
  if (!holds(record.kind)) return { begun: 0, run: runOf(record, evidence) }
  const { chains, takenAt, place, version } = record
  let begun = 0
  /** How the failing chain did in what was begun or retried since. */
  const since: { readonly run: string; readonly endedAt: number; readonly well: boolean }[] = []
  for (const runs of [evidence.records.ended, evidence.records.open])
    for (const { run, retries, chains: executions } of runs.values())
      for (const { chain, status, startedAt = 0, endedAt = 0, memo, copied } of executions.values()) {
        if (memo || copied === 'ended') continue
        const anew = startedAt > takenAt && copied === undefined
        if (anew && chains.includes(chain)) begun++
        if (chain !== place.chain || endedAt <= takenAt || (!anew && retries === 0)) continue
        if (status === 'succeeded' || status === 'failed')
          since.push({ run, endedAt, well: status === 'succeeded' })
      }
  const declared = evidence.records.declared.declaration?.chains.find(({ id }) => id === place.chain)?.version
  if (version !== undefined && declared !== undefined && declared !== version)
    return { begun, mended: `"${place.chain}" is declared in another version now` }
  const latest = since.toSorted((a, b) => a.endedAt - b.endedAt).slice(-probesOf[record.kind])
  const well = latest.length === probesOf[record.kind] && latest.every((one) => one.well)
  return {
    begun,
    mended: well ? `"${place.chain}" has succeeded since, in run ${latest.at(-1)?.run}` : undefined,
  }
}

/** So many executions in a row show that the reason is gone: in quarantine a person tries, else all do. */
const probesOf: Readonly<Record<ActionRecord['kind'], number>> = {
  quarantine: 1,
  'pause-downstream': 3,
  're-run-stale': 1,
  unblock: 1,
}

function runOf(record: ActionRecord, { records, parked }: Evidence): Signs['run'] {
  const { kind, place, cause } = record
  const run = kind === 're-run-stale' ? rerunOf(record) : (place.run ?? '')
  const found = records.open.get(run) ?? records.ended.get(run)
  const stands = parked.get(run)
  if (kind === 'unblock' && stands !== undefined)
    return cause === `parked ${stands.seq}` ? 'absent' : 'failed'
  if (found === undefined) return kind === 'unblock' ? undefined : 'absent'
  if (found.status === 'succeeded') return 'succeeded'
  return found.status === 'failed' || found.status === 'cancelled' ? 'failed' : 'going'
}
