// Where a replay parts from its trace: what is compared of two events, and how it is told.

import { createPayloadRedactor } from '../../observe/redact-payload.ts'
import type { Trace } from '../../observe/trace.ts'
import type { JournalEvent } from '../../journal/event.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import { formatMs } from '../../kernel/duration.ts'
import type { Harness } from './harness.ts'
import { sentenceOf } from './timeline-text.ts'

/** What differs from one process to the other, and from one version of a chain to the other. */
const unlike: ReadonlySet<string> = new Set(
  'seq at run took inFlight config queuedAt read arm stack version memo heartbeat rule dropped'.split(' '),
)

/** What of an event must come again, as text; secrets are none where the trace has none. */
export function printOf({ redacted }: Trace): (event: JournalEvent) => string {
  const redactor = createPayloadRedactor()
  return (event) => {
    const shown = JSON.stringify(event, (key, value: unknown) => {
      if (unlike.has(key)) return undefined
      if (redacted > 0 && (key === 'payload' || key === 'input') && typeof value === 'string')
        return redactor.payload(value)
      if (redacted > 0 && (key === 'message' || key === 'reason') && typeof value === 'string')
        return redactor.text(value)
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
      return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
    })
    return shown
  }
}

/** @param at the first event that differs: as recorded, and what came in its place. */
export async function divergence(
  { chains, redacted, events, run }: Trace,
  t: Harness,
  at: { readonly event: JournalEvent | undefined; readonly instead: JournalEvent | undefined },
): Promise<CatenaryError> {
  const { event, instead } = at
  const begun = events[0]?.at ?? 0
  const said = (one: JournalEvent): string =>
    `${sentenceOf(one, t.chain.id) ?? wordsOf(one)} (${one.type}, after ${formatMs(one.at - begun)})`
  const where =
    event === undefined ? 'after its last event' : `at event ${events.indexOf(event) + 1}: ${said(event)}`
  const came =
    instead !== undefined
      ? `${said(instead)}${event?.type === instead.type ? ', with other values' : ''}`
      : `nothing: ${(await t.run.explain()).sentence}`
  const [accepted] = t.events()
  const plan = accepted?.type === 'run.accepted' ? accepted.plan : []
  const changed = chains.filter(({ id, version }) =>
    plan.some((node) => node.chain === id && node.version !== version),
  )
  return new CatenaryError(
    'TRACE_DIVERGED',
    [
      `the replay of run ${run} parts from its trace ${where}; instead came ${came}`,
      ...(changed.length === 0
        ? []
        : [
            `another version than recorded: ${changed.map(({ id }) => id).join(', ')}. { exactly: false } shows what the chain makes of the same outcomes`,
          ]),
      ...(redacted === 0
        ? []
        : [`${redacted} values were left out of the trace as secrets, and decisions may rest on them`]),
    ].join('. '),
  )
}

function wordsOf(event: JournalEvent): string {
  const { chain, step } = event as { readonly chain?: string; readonly step?: string }
  return [event.type.replace(/[.-]/g, ' '), chain, step].filter((part) => part !== undefined).join(' ')
}
