// The time cursor: any moment of the run, event by event; the address keeps it.

import type { JSX } from 'preact'
import type { EventRow, RunView } from '../../src/inspector/protocol.ts'
import { timeOfDay } from '../parts/format.ts'
import { Icon } from '../parts/icon.tsx'
import { route, setQuery } from '../state/route.ts'

function indexOf(events: readonly EventRow[]): number {
  const at = route.value.query.get('at')
  if (at === null) return events.length - 1
  const after = events.findIndex(({ seq }) => seq > Number(at))
  return after < 0 ? events.length - 1 : Math.max(0, after - 1)
}

/** One event on or back; past the last one lies the present. */
export function stepCursor(events: readonly EventRow[], by: number): void {
  moveTo(events, indexOf(events) + by)
}

function moveTo(events: readonly EventRow[], index: number): void {
  const event = events[Math.max(0, index)]
  if (event === undefined || index >= events.length - 1) setQuery({ at: undefined })
  else setQuery({ at: event.seq })
}

export function Cursor({
  view,
  events,
}: {
  readonly view: RunView
  readonly events: readonly EventRow[]
}): JSX.Element {
  const index = indexOf(events)
  const event = events[index]
  const said = event === undefined ? '' : labelOf(event)
  return (
    <section class="cursor" aria-label="Time">
      <button
        type="button"
        class="button slight icon"
        aria-label="The event before"
        title="The event before ([)"
        disabled={index <= 0}
        onClick={() => stepCursor(events, -1)}
      >
        <Icon name="prev" />
      </button>
      <input
        type="range"
        min={0}
        max={Math.max(0, events.length - 1)}
        value={index}
        aria-label="Moment"
        aria-valuetext={said}
        onInput={({ currentTarget }) => moveTo(events, Number(currentTarget.value))}
      />
      <button
        type="button"
        class="button slight icon"
        aria-label="The next event"
        title="The next event (])"
        disabled={view.at.last}
        onClick={() => stepCursor(events, 1)}
      >
        <Icon name="next" />
      </button>
      <span class="said mono clip" title={said}>
        {said}
      </span>
      <button
        type="button"
        class="button"
        aria-pressed={view.at.last}
        title="The present (l)"
        onClick={() => setQuery({ at: undefined })}
      >
        Present
      </button>
    </section>
  )
}

function labelOf({ seq, at, type, chain, step }: EventRow): string {
  return `${timeOfDay(at)}  #${seq} ${type}${chain === undefined ? '' : ` ${chain}`}${step === undefined ? '' : `/${step}`}`
}
