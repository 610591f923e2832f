// Checks a signal before it is accepted: some step of the run waits for that name, and the payload fits its schema.

import { type WaitSpec, walk } from '../../definition/spec.ts'
import { eventsOf } from '../../execution/guest-actors.ts'
import type { RunState } from '../../journal/run-state.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import { judge } from './judge.ts'
import type { Services } from '../services.ts'

/** @returns the payload as its schema gives it. */
export async function checkSignal(
  state: RunState,
  services: Pick<Services, 'chain' | 'clock' | 'limits'>,
  signal: { readonly name: string; readonly payload: unknown; readonly asks?: boolean },
): Promise<unknown> {
  const { name, payload } = signal
  const waits = waitsOf(state, services)
  const wait = waits.get(name)
  if (wait === undefined) {
    const known = waits.size === 0 ? 'it waits for none' : `it waits for ${[...waits.keys()].join(', ')}`
    throw new CatenaryError(
      'SIGNAL_UNKNOWN',
      `no step of run ${state.run} waits for a signal "${name}": ${known}`,
    )
  }
  if (signal.asks === true && wait.reply === undefined) {
    throw new CatenaryError(
      'REPLY_ABSENT',
      `the step that takes the signal "${name}" gives no reply: give it one, as .wait('${name}', schema, { reply: ... }), or use signal()`,
    )
  }
  const { schema } = wait
  if (schema === undefined) return payload
  const { clock, limits } = services
  const what = `payload of signal "${name}"`
  return (
    await judge(schema, payload, { what, code: 'SIGNAL_INVALID', clock, within: limits.validateWithin })
  ).value
}

/** Every wait in the run's chains and in those that they call, by name. */
function waitsOf(state: RunState, { chain }: Pick<Services, 'chain'>): ReadonlyMap<string, WaitSpec> {
  const waits = new Map<string, WaitSpec>()
  const seen = new Set<string>()
  const open = [...new Set([...state.nodes.values()].map((node) => node.chain))]
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const spec = chain(id)?.spec
    if (spec === undefined || seen.has(id)) continue
    seen.add(id)
    for (const name of spec.guest === undefined ? [] : eventsOf(spec.guest.machine))
      waits.set(name, { kind: 'wait', name, onTimeout: 'fail' })
    for (const entry of walk(spec.entries)) {
      if (entry.kind === 'wait') waits.set(entry.name, entry)
      if (entry.kind === 'call') open.push(entry.chain.id)
      if (entry.kind === 'each' && typeof entry.body !== 'function') open.push(entry.body.id)
    }
  }
  return waits
}
