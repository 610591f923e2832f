// All events of one run, kept up to date by the stream.

import { useEffect, useState } from 'preact/hooks'
import type { EventRow, EventsView } from '../../src/inspector/protocol.ts'
import { get } from './api.ts'
import { onEvents } from './live.ts'

export interface RunEvents {
  readonly events: readonly EventRow[]
  readonly loading: boolean
  readonly error: Error | undefined
}

const none: RunEvents = { events: [], loading: true, error: undefined }

export function useEvents(run: string): RunEvents {
  const [state, setState] = useState<RunEvents>(none)
  useEffect(() => {
    const abort = new AbortController()
    let events: EventRow[] = []
    let loading = true
    const show = (error?: Error): void => setState({ events, loading, error })
    const load = async (): Promise<void> => {
      for (let more = true; more;) {
        const after = events.at(-1)?.seq ?? 0
        const page = await get<EventsView>(
          `/api/runs/${encodeURIComponent(run)}/events?after=${after}`,
          abort.signal,
        )
        events = [...events, ...page.events]
        more = page.more && page.events.length > 0
        show()
      }
      loading = false
      show()
    }
    const fail = (error: Error): void => {
      if (!abort.signal.aborted) show(error)
    }
    setState(none)
    load().catch(fail)
    let again: ReturnType<typeof setTimeout> | undefined
    // the stream says that there is something new; what made each happen is known to the server
    const unhear = onEvents((batch) => {
      if (loading || !batch.some((event) => event.run === run)) return
      again ??= setTimeout(() => {
        again = undefined
        load().catch(fail)
      }, 150)
    })
    return () => {
      abort.abort()
      unhear()
      clearTimeout(again)
    }
  }, [run])
  return state
}
