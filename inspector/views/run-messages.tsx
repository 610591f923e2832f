// Who said what to whom: the run's events as a log and a sequence diagram at once, filtered by one box.

import { useMemo } from 'preact/hooks'
import type { JSX } from 'preact'
import type { EventRow, RunView } from '../../src/inspector/protocol.ts'
import { Empty, Problem, Skeleton } from '../parts/blank.tsx'
import { readQuery } from '../parts/event-query.ts'
import { placeOf, toneOf } from '../parts/event-words.ts'
import { absolute, count, duration } from '../parts/format.ts'
import { Icon } from '../parts/icon.tsx'
import { Value } from '../parts/value.tsx'
import { Windowed } from '../parts/windowed.tsx'
import type { RunEvents } from '../state/events.ts'
import { serverNow } from '../state/live.ts'
import { route, setQuery } from '../state/route.ts'
import { lifelinesOf, type Lifelines, Messenger, Names } from './sequence.tsx'

const rowHeight = 28

interface MessagesProps {
  readonly view: RunView
  readonly events: RunEvents
}

export function Messages({ view, events: { events, loading, error } }: MessagesProps): JSX.Element {
  const { query } = route.value
  const text = query.get('q') ?? ''
  const until = view.at.seq
  const asked = useMemo(() => readQuery(text, serverNow()), [text, events])
  const shown = useMemo(
    () => events.filter((event) => (view.at.last || event.seq <= until) && asked.matches(event)),
    [events, asked, until, view.at.last],
  )
  const lines = useMemo(() => lifelinesOf(shown), [shown])
  const bySeq = useMemo(() => new Map(events.map((event) => [event.seq, event])), [events])
  const chosen = bySeq.get(Number(query.get('event')))
  if (error !== undefined) return <Problem error={error} retry={() => location.reload()} />
  return (
    <div class={chosen === undefined ? 'split' : 'split open'}>
      <section class="card messages" aria-label="Messages">
        <form class="query" onSubmit={(event) => event.preventDefault()}>
          <input
            type="search"
            data-search
            class="mono grow"
            aria-label="Filter messages"
            placeholder="chain:x type:attempt.failed after:-5m"
            value={text}
            onInput={({ currentTarget }) => setQuery({ q: currentTarget.value })}
          />
          <span class="muted small" role="status">
            {asked.problem ?? `${count(shown.length)} of ${count(events.length)}`}
          </span>
        </form>
        {loading && events.length === 0 ? (
          <Skeleton lines={10} />
        ) : shown.length === 0 ? (
          <Empty icon="runs" title="No message matches" />
        ) : (
          <>
            <Names lines={lines} />
            <Windowed
              rows={shown}
              height={rowHeight}
              label="Messages in order"
              first={chosen === undefined ? 0 : shown.indexOf(chosen)}
              draw={(event) => (
                <Row
                  key={event.seq}
                  event={event}
                  cause={event.cause === undefined ? undefined : bySeq.get(event.cause)}
                  lines={lines}
                  began={view.acceptedAt}
                  chosen={chosen === event}
                />
              )}
            />
          </>
        )}
      </section>
      {chosen !== undefined && <Chosen event={chosen} bySeq={bySeq} events={events} />}
    </div>
  )
}

interface RowProps {
  readonly event: EventRow
  readonly cause: EventRow | undefined
  readonly lines: Lifelines
  readonly began: number
  readonly chosen: boolean
}

function Row({ event, cause, lines, began, chosen }: RowProps): JSX.Element {
  return (
    <button
      type="button"
      class="message"
      data-item
      aria-pressed={chosen}
      onClick={() => setQuery({ event: chosen ? undefined : event.seq })}
    >
      <span class="mono muted num">{event.seq}</span>
      <span class="mono num" title={absolute(event.at)}>
        +{duration(event.at - began)}
      </span>
      <Messenger event={event} cause={cause} lines={lines} />
      <span class={`type mono ${toneOf(event)}`}>{event.type}</span>
      <span class="clip">
        {placeOf(event)} <span class="muted">{detailOf(event)}</span>
      </span>
    </button>
  )
}

function detailOf({ body }: EventRow): string {
  const failure = body['failure'] as { readonly message?: string } | undefined
  if (failure?.message !== undefined) return failure.message
  for (const key of ['status', 'name', 'waitsFor', 'reason', 'event', 'took'] as const) {
    const value = body[key]
    if (typeof value === 'number') return duration(value)
    if (typeof value === 'string') return value
  }
  return ''
}

interface ChosenProps {
  readonly event: EventRow
  readonly bySeq: ReadonlyMap<number, EventRow>
  readonly events: readonly EventRow[]
}

/** How far back an event's causes are told. */
const mostCauses = 12

function Chosen({ event, bySeq, events }: ChosenProps): JSX.Element {
  const causes: EventRow[] = []
  for (let at = event.cause; at !== undefined && causes.length < mostCauses;) {
    const cause = bySeq.get(at)
    if (cause === undefined) break
    causes.push(cause)
    at = cause.cause
  }
  const effects = events.filter(({ cause }) => cause === event.seq)
  return (
    <aside class="card detail" aria-label={`Event ${event.seq}`}>
      <header>
        <div class="grow">
          <h2 class="mono clip">{event.type}</h2>
          <span class="muted small">#{event.seq}</span>
        </div>
        <button
          type="button"
          class="button slight icon"
          aria-label="Close"
          onClick={() => setQuery({ event: undefined })}
        >
          <Icon name="close" size={14} />
        </button>
      </header>
      <div class="body stack">
        <dl class="facts">
          <dt>At</dt>
          <dd>{absolute(event.at)}</dd>
          {event.chain !== undefined && (
            <>
              <dt>Where</dt>
              <dd>{placeOf(event)}</dd>
            </>
          )}
        </dl>
        <div>
          <button type="button" class="button" onClick={() => setQuery({ at: event.seq })}>
            <Icon name="clock" size={14} /> Look at this moment
          </button>
        </div>
        <Value of={event.body} label="Fields of the event" />
        <Links
          title="Because of"
          events={causes}
          none="Nothing before it in this run is known as its cause."
        />
        <Links
          title="What followed"
          events={effects.slice(0, 20)}
          none="Nothing is known to have followed from it."
        />
      </div>
    </aside>
  )
}

function Links({
  title,
  events,
  none,
}: {
  readonly title: string
  readonly events: readonly EventRow[]
  readonly none: string
}): JSX.Element {
  return (
    <div class="stack-small">
      <h3>{title}</h3>
      {events.length === 0 && <p class="muted small">{none}</p>}
      <ul class="causes">
        {events.map((event) => (
          <li key={event.seq}>
            <button type="button" class="cause" onClick={() => setQuery({ event: event.seq })}>
              <span class="mono muted">#{event.seq}</span>
              <span class={`mono ${toneOf(event)}`}>{event.type}</span>
              <span class="clip">{placeOf(event)}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}
