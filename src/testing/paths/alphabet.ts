// What can happen to a chain's machine where it stands: the events that a journal may tell of, as data.

import type { AnyActorRef, AnyMachineSnapshot, AnyStateNode, AnyTransitionDefinition } from 'xstate'
import type { Undo } from '../../../machines/state.ts'
import { transitionId } from './visited.ts'

/** One thing that may happen. */
export interface Happening {
  /** In words, such as `fetch fails`. */
  readonly words: string
  /** What the machine receives. */
  readonly event: { readonly type: string; readonly [key: string]: unknown }
}

/**
 * What may happen next.
 *
 * @param possible the ids of the transitions that something can take.
 * @param begun what has begun that would have to be undone, in order.
 */
export function happenings(
  snapshot: AnyMachineSnapshot,
  possible: ReadonlySet<string>,
  begun: readonly string[],
): readonly Happening[] {
  const inLine = new Set(queuedIn(snapshot))
  const all = snapshot._nodes.flatMap((node) =>
    [...node.transitions].flatMap(([type, list]) => {
      // these follow by themselves
      if (type.startsWith('xstate.done.state.')) return []
      return list
        .filter((one) => possible.has(transitionId(one)))
        .flatMap((one) => happening(node, type, one, begun))
        .filter(({ event }) => event.type !== 'attempt.started' || inLine.has(String(event['step'])))
    }),
  )
  // several transitions may wait for one and the same
  return [...new Map(all.map((one) => [JSON.stringify(one.event), one])).values()]
}

/** The steps whose attempts wait for slots. */
export function queuedIn({ children }: AnyMachineSnapshot): readonly string[] {
  return Object.entries(children).flatMap(([id, child]) => {
    if (!id.startsWith('queue:')) return []
    const { input } = (child as AnyActorRef).getSnapshot() as { readonly input?: { readonly step?: string } }
    return input?.step ?? []
  })
}

function happening(
  node: AnyStateNode,
  type: string,
  { guard }: AnyTransitionDefinition,
  begun: readonly string[],
): readonly Happening[] {
  const { type: kind, params = {} } = (guard ?? {}) as {
    readonly type?: string
    readonly params?: Readonly<Record<string, unknown>>
  }
  const [, end, actorId = ''] = /^xstate\.(done|error)\.actor\.(.+)$/.exec(type) ?? []
  if (end === 'error')
    return [
      {
        words: `${actorId} fails`,
        event: { type, actorId, error: { kind: 'thrown', message: 'failed', retryable: true } },
      },
    ]
  if (end === undefined) return [plain(type, kind === 'isStep' ? String(params['step']) : undefined)]
  const done = (words: string, output?: unknown): Happening => ({ words, event: { type, actorId, output } })
  const owner = actorId.replace(/:[^:]*$/, '')
  if (kind === 'recovers')
    return [done(`${owner}: ${String(params['next'])}`, { next: params['next'], due: 0 })]
  if (kind === 'decided') return [done(`${owner}: ${String(params['value'])}`, params['value'])]
  if (kind === 'chose') return [done(`${owner}: branch ${Number(params['branch']) + 1}`, params['branch'])]
  if (actorId === 'compensating:plan') {
    const plan = begun.map((step): Undo => ({ step, outcome: 'succeeded' })).toReversed()
    return [
      done(
        begun.length === 0 ? 'there is nothing to undo' : `${begun.toReversed().join(', ')} to be undone`,
        plan,
      ),
    ]
  }
  if (actorId.endsWith(':items')) return [done(`${owner} has items`, { keys: ['item'], items: [undefined] })]
  if (/:(?:due|deadline)$/.test(actorId)) return [done(`${owner} is scheduled`, 0)]
  if (actorId.endsWith(':recovery')) return [done(`${owner}: fail`, { next: 'fail' })]
  if (actorId.endsWith(':until')) return [done(`${owner}: spent`, 'spent')]
  if (actorId.endsWith(':settling')) return [done(`all of ${owner} has ended`)]
  const isTimer = node.invoke.some(({ id, src }) => id === actorId && src === 'timer')
  return [done(isTimer ? `${actorId} is due` : `${actorId} succeeds`)]
}

function plain(type: string, step: string | undefined): Happening {
  const event = { type, ...(step === undefined ? {} : { step }) }
  const words: Readonly<Record<string, string>> = {
    'attempt.queued': `${step} waits for a slot`,
    'attempt.started': `${step} gets a slot`,
    'attempt.lost': `${step} is lost with its process`,
    signal: `signal ${step} comes`,
    cancel: 'the run is cancelled',
    compensate: 'its caller is undone',
    retry: 'a person retries the run',
    'give-up': 'a person cancels the run',
  }
  return { words: words[type] ?? type, event }
}
