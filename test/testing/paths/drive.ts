// Does to a harness what a path says: the hands that a person would have.

import { NonRetryable } from '../../../src/index.ts'
import type { AnyChain } from '../../../src/chain/any-chain.ts'
import { type Harness, type Path, type Script, fail, harness, succeed } from '../../../src/testing.ts'

type Event = Path['events'][number] & { readonly step?: string; readonly output?: unknown }

const timers = /(?::backoff|:timeout)$|^nap$/
const attempts = /^[^:]+(?::fallback|:compensation)?$/

/** A harness at the end of the path. */
export async function drive(chain: AnyChain, { events }: Path): Promise<Harness> {
  const list = events as readonly Event[]
  const t = await harness(chain, {
    steps: decisionsOf(list),
    occupied: list.find(({ type }) => !isDecision(type))?.type === 'attempt.queued',
    input: 1 as never,
    retryBudget: false,
  })
  for (const [index, event] of list.entries()) {
    const following = list.slice(index + 1).find(({ type }) => !isDecision(type))
    if (following?.type === 'attempt.queued') await t.occupy()
    await perform(t, event, list[index + 1])
  }
  return t
}

async function perform(t: Harness, event: Event, next: Event | undefined): Promise<void> {
  switch (event.type) {
    case 'attempt.queued':
      return
    case 'attempt.started':
      return t.free()
    case 'attempt.lost':
      return t.crash()
    case 'cancel':
      return t.cancel()
    case 'signal':
      return t.signal(event.step ?? '', 'yes')
    case 'retry':
      await t.run.retry()
      return t.clock.settle()
    case 'give-up':
      return t.cancel()
    default:
  }
  const [, end, id = ''] = /^xstate\.(done|error)\.actor\.(.+)$/.exec(event.type) ?? []
  if (timers.test(id)) return t.advance()
  if (!attempts.test(id)) return
  const attempt = await t.attempt(id)
  if (end === 'done') return attempt.succeed()
  const verdict =
    next?.type === `xstate.done.actor.${id}:recovery` ? (next.output as { next: string }).next : ''
  await attempt.fail(verdict === 'retry' ? 'again' : new NonRetryable('no more'))
}

/** What decisions must say, so that the machine goes this way. */
function decisionsOf(events: readonly Event[]): Record<string, Script> {
  const steps: Record<string, Script> = {}
  for (const { type, output } of events) {
    const [, end, id = ''] =
      /^xstate\.(done|error)\.actor\.(.+:(?:choice|items|input|until|reason))$/.exec(type) ?? []
    if (end === 'error') steps[id] = fail('undecided')
    else if (id.endsWith(':choice')) steps[id] = succeed(output === 0)
  }
  return steps
}

function isDecision(type: string): boolean {
  const id = /^xstate\.(?:done|error)\.actor\.(.+)$/.exec(type)?.[1] ?? ''
  return id !== '' && !timers.test(id) && !attempts.test(id)
}
