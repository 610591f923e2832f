// Watches outputs that are used again in a journal: for equal keys, within their time, and then also used.

import type { JournalEvent } from '../../journal/event.ts'
import type { NodeState, RunState } from '../../journal/run-state.ts'
import type { Proof } from './proof.ts'
import { type ChainShape, type EntryShape, walkShapes } from './shape.ts'

export interface MemoWatch {
  /** @param state the run as it is with this event; @param copied whether it happened to another run. */
  see(event: JournalEvent, state: RunState | undefined, copied: boolean): void
}

interface Made {
  readonly run: string
  readonly at: number
  readonly payload: string | undefined
}

type Succeeded = JournalEvent & { readonly type: 'attempt.succeeded' }
type Ended = JournalEvent & { readonly type: 'chain.ended' }

/** @param readable whether the store can always be read: what is kept and cannot be is made again. */
export function createMemoWatch(
  proof: Proof,
  shapes: ReadonlyMap<string, ChainShape>,
  readable: boolean,
): MemoWatch {
  const lifetimes = new Map(
    [...shapes.values()].flatMap(({ id, entries }) =>
      [...walkShapes(entries)].flatMap((entry: EntryShape) =>
        'memo' in entry ? [[`${id}/${entry.name}`, entry.memo] as const] : [],
      ),
    ),
  )
  /** Everything that was made under a key, oldest first. */
  const made = new Map<string, Made[]>()
  /** Outputs that were made until then do not count for a run. */
  const freshAfter = new Map<string, number>()
  /** When each attempt, or chain, began. */
  const began = new Map<string, number>()

  /** What each chain was handed as it began. */
  const handed = new Map<string, string>()

  const keep = (key: string, { run, at, payload }: Succeeded | Ended): void => {
    const one = { run, at, payload: payload ?? undefined }
    const known = made.get(key)
    if (known === undefined) made.set(key, [one])
    else known.push(one)
  }
  const holdReused = (key: string, event: Succeeded | Ended, ttl: number, looked: number): void => {
    const { memo, seq, run } = event
    // a run may have made it twice in one moment
    const there = made.get(key)?.filter((one) => one.run === memo?.run && one.at === memo.at) ?? []
    const payload = event.payload ?? undefined
    const from = there.find((one) => one.payload === payload)
    const where = (): string => `${key} of ${run} at seq ${seq}, from ${memo?.run} at ${memo?.at}`
    proof.check('reused', from !== undefined, () => `${where()}, which made no such output for it`)
    if (from === undefined) return
    const holds = looked < from.at + ttl && from.at > (freshAfter.get(run) ?? -Infinity)
    proof.check('reused', holds, () => `${where()}, which no longer held at ${looked}`)
  }
  /** What began then should have taken what was there. */
  const holdAgain = (key: string, { run, seq }: JournalEvent, ttl: number, since: number): void => {
    const after = freshAfter.get(run) ?? -Infinity
    if (!readable) return
    const there = made.get(key)?.find(({ at }) => at < since && at > after && since < at + ttl)
    proof.check(
      'again',
      there === undefined,
      () => `${key} of ${run} at seq ${seq}, begun at ${since}, was made by ${there?.run} at ${there?.at}`,
    )
  }
  /** All that it is handed. */
  const chainKeyOf = ({ chain, input, needs, rule }: NodeState, { nodes }: RunState): string =>
    JSON.stringify([
      chain,
      input,
      needs.flatMap(({ name, key, kind }) => {
        const { status, output, failure } = nodes.get(key) ?? {}
        if (kind === 'order') return []
        return [[name, ...(kind === 'hard' && rule !== 'all_success' ? [status, failure] : []), output]]
      }),
    ])

  return {
    see(event, state, copied) {
      if (event.type === 'run.accepted' && event.origin !== undefined) freshAfter.set(event.run, event.at)
      if (event.type === 'run.retried' && event.from !== undefined) freshAfter.set(event.run, event.at)
      if (state === undefined || !('chain' in event)) return
      const node = state.nodes.get(event.chain)
      if (node === undefined) return
      if (event.type === 'chain.started') handed.set(`${event.run} ${event.chain}`, chainKeyOf(node, state))
      if (copied) return
      switch (event.type) {
        case 'attempt.started':
          began.set(`${event.run} ${event.chain} ${event.step} ${event.item ?? ''}`, event.at)
          return
        case 'attempt.succeeded': {
          const ttl = lifetimes.get(`${node.chain}/${event.step}`)
          if (ttl === undefined) return
          const key = JSON.stringify([node.chain, event.step, node.input])
          const since = began.get(`${event.run} ${event.chain} ${event.step} ${event.item ?? ''}`) ?? event.at
          if (event.memo !== undefined) return holdReused(key, event, ttl, event.at)
          holdAgain(key, event, ttl, since)
          keep(key, event)
          return
        }
        case 'chain.started': {
          const ttl = shapes.get(node.chain)?.memo
          if (ttl === undefined || event.call !== undefined) return
          return holdAgain(chainKeyOf(node, state), event, ttl, event.at)
        }
        case 'chain.ended': {
          const ttl = shapes.get(node.chain)?.memo
          if (ttl === undefined || event.status !== 'succeeded' || node.call !== undefined) return
          if (event.memo !== undefined) return holdReused(chainKeyOf(node, state), event, ttl, event.at)
          keep(handed.get(`${event.run} ${event.chain}`) ?? '', event)
          return
        }
        default:
      }
    },
  }
}
