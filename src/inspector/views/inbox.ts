// What waits for a person: signals to give, and runs that stand still until somebody acts.

import { awaitedOf, explain, readTimeline, stateInWords } from '../../engine/runs/explain.ts'
import type { ParkReason } from '../../journal/event.ts'
import type { RunHead } from '../../journal/store.ts'
import type { InboxItem, InboxView } from '../protocol.ts'
import { rootFailuresOf } from './root-failures.ts'
import { rowOf } from './row.ts'
import { shown, type ViewSource } from './source.ts'

const most = 100
const parked: readonly ParkReason[] = ['needs-attention', 'dead-letter', 'needs-migration']

export async function viewInbox(source: ViewSource): Promise<InboxView> {
  const { reader } = source
  const [waiting, standing] = await Promise.all([
    reader.heads({ signal: true, status: ['waiting', 'running'], limit: most }),
    reader.heads({ status: parked, limit: most }),
  ])
  const items = await Promise.all([
    ...waiting.map(async (head) => approvalsOf(source, head)),
    ...standing.map(async (head) => [await standingOf(source, head)]),
  ])
  return { items: items.flat().toSorted((a, b) => a.since - b.since) }
}

async function approvalsOf(source: ViewSource, head: RunHead): Promise<readonly InboxItem[]> {
  const timeline = await readTimeline(source.reader, head.run)
  const { attributes, chains } = rowOf(head)
  const { causes } = explain(timeline, awaitedOf(head), source.now())
  const base = {
    kind: 'approval',
    run: head.run,
    attributes,
    ...shown(source, 'input', timeline.state.input, head),
  } as const
  return causes.flatMap((cause): InboxItem[] => {
    if (cause.kind === 'machine')
      return cause.takes.map((signal) => ({
        ...base,
        chain: cause.chain,
        signal,
        since: cause.since,
        ...(cause.until === undefined ? {} : { until: cause.until }),
        detail: `the machine is in ${stateInWords(cause.state)} and takes "${signal}"`,
      }))
    if (cause.kind !== 'signal' || cause.step === '') return []
    const chain = cause.chain === '' ? (chains[0] ?? '') : cause.chain
    return [
      {
        ...base,
        chain,
        step: cause.step,
        signal: cause.step,
        since: cause.since,
        ...(cause.until === undefined ? {} : { until: cause.until }),
        detail: `chain ${chain} waits for the signal "${cause.step}"`,
      },
    ]
  })
}

async function standingOf(source: ViewSource, head: RunHead): Promise<InboxItem> {
  const timeline = await readTimeline(source.reader, head.run)
  const { attributes, chains } = rowOf(head)
  const { parked: why, input } = timeline.state
  const [root] = rootFailuresOf(timeline)
  return {
    kind: head.status as ParkReason,
    run: head.run,
    chain: root?.chain ?? chains[0] ?? '',
    ...(root?.step === undefined ? {} : { step: root.step }),
    since: timeline.parkedAt ?? timeline.at,
    detail: why?.detail ?? head.status,
    ...(why === undefined ? {} : { cure: why.cure }),
    attributes,
    ...shown(source, 'input', input, head),
  }
}
