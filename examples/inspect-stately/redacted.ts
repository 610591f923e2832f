// Stately's inspector, redacted and on this machine only: an inspector to be given to `createSupervisor({ inspect })`.

import { createWebSocketInspector } from '@xstate/inspect'

export type Inspector = ReturnType<typeof createWebSocketInspector>

/** Nothing but these of a snapshot leaves the process: no context, no input, no output, no error. */
const shown = ['status', 'value', 'tags'] as const

/** @param url where a relay listens, such as `ws://127.0.0.1:8080`; refused where that is another machine. */
export function redactedInspector(url: string): Inspector {
  const { protocol, hostname } = new URL(url)
  if (protocol !== 'ws:' || !['127.0.0.1', '[::1]', 'localhost'].includes(hostname))
    throw new Error(`${url} is not on this machine: what actors do would leave it, and in the clear`)
  return createWebSocketInspector({
    url,
    // a supervisor has many steps: their actors would hide the chains
    filter: (event) => event.type !== '@xstate.event' || !event.event.type.startsWith('xstate.'),
    sanitizeEvent: ({ type }) => ({ type }),
    sanitizeContext: () => ({}),
    serialize: (event) => {
      if (event.type === '@xstate.event') return event
      const snapshot = Object.fromEntries(
        Object.entries(event.snapshot).filter(([key]) => shown.includes(key as (typeof shown)[number])),
      )
      return { ...event, snapshot: { status: 'active', ...snapshot } } as unknown as typeof event
    },
  })
}
