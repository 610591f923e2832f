// The example under Stately's inspector, against a relay on loopback: it tells of actors, and nothing of what they hold.

import { expect, onTestFinished, test } from 'vitest'
import { greet } from '../../../examples/inspect-stately/greet.ts'
import { redactedInspector } from '../../../examples/inspect-stately/redacted.ts'
import { openRelay } from './relay.ts'

test(
  'the example tells a relay of its chain, its states and nothing of its data',
  { timeout: 60_000 },
  async () => {
    const relay = await openRelay()
    onTestFinished(relay.close)
    expect(await greet(relay.url, 'you')).toBe('bye')
    const events = relay.told.map((text) => JSON.parse(text) as Record<string, unknown>)
    const named = events.filter(({ type, name }) => type === '@xstate.actor' && name === 'greet')
    expect(named).toHaveLength(1)
    const [{ sessionId } = {}] = named
    const values = events.flatMap((event) =>
      event['type'] === '@xstate.snapshot' && event['sessionId'] === sessionId
        ? [(event['snapshot'] as { value: unknown }).value]
        : [],
    )
    expect(values).toEqual(expect.arrayContaining(['hello', 'bye', 'succeeded']))
    for (const text of relay.told) {
      expect(text).not.toContain('hello, you')
      expect(text).not.toContain('"you"')
    }
    for (const { snapshot } of events) {
      if (typeof snapshot !== 'object' || snapshot === null) continue
      expect(['status', 'value', 'tags']).toEqual(expect.arrayContaining(Object.keys(snapshot)))
    }
  },
)

test.each(['ws://192.168.0.7:8080', 'wss://stately.ai', 'ws://127.0.0.1.example.org', 'http://127.0.0.1:80'])(
  'an inspector at %s is refused',
  (url) => {
    expect(() => redactedInspector(url)).toThrow(/not on this machine/)
  },
)
