// Works beside the mixed job, from another process: starts, signals, pauses and cancels through the store's inbox.

import { existsSync } from 'node:fs'
import type { ClientCommand, ClientReply } from '../../src/engine/clients/command.ts'
import { encode } from '../../src/kernel/codec.ts'
import { openSqliteClient, openSqliteReader } from '../../src/sqlite/client.ts'
import { type Chance, shuffled } from './aim.ts'
import { approvalOf, idOf, roleOf } from './expected.ts'
import type { Lines } from './lines.ts'

interface Posting {
  readonly command: ClientCommand
  /** Whether its run may have ended before it was carried out. */
  readonly mayBeLate: boolean
}

const every = 25
/** While so long nothing was counted, the job is down or busy starting. */
const quiet = 150

/** What is posted about one order, in order. */
function postingsFor(n: number): readonly Posting[] {
  const { startedBy, approvedBy, paused } = roleOf(n)
  const run = idOf(n)
  const of = (command: ClientCommand, mayBeLate = false): Posting => ({ command, mayBeLate })
  const approval = {
    do: 'signal',
    run,
    name: 'approval',
    id: 'by-inbox',
    payload: encode(approvalOf(n), 'the signal'),
  } as const
  return [
    ...(startedBy === 'inbox'
      ? [of({ do: 'start', run, chain: 'order', input: encode({ n }, 'the input') })]
      : []),
    ...(paused ? [of({ do: 'pause', run }, true), of({ do: 'resume', run }, true)] : []),
    // twice: the same id is delivered once
    ...(approvedBy === 'inbox' ? [of(approval), of(approval, true)] : []),
    ...(approvedBy === 'nobody' ? [of({ do: 'cancel', run })] : []),
  ]
}

/** @returns `stop`, which says what was posted in vain. */
export function workBeside(
  store: string,
  orders: number,
  lines: Lines,
  chance: Chance,
): { stop(): Promise<readonly string[]> } {
  const queues = Array.from({ length: orders }, (_, n) => ({ n, left: [...postingsFor(n)] }))
  const posted: { readonly posting: Posting; readonly id: number }[] = []
  let known = 0
  let grew = 0
  let stopped = false
  let working: Promise<void> = Promise.resolve()

  const isDue = ({ n, left }: (typeof queues)[number], accepted: ReadonlySet<string>): boolean =>
    left.length > 0 &&
    (left[0]?.command.do === 'start' || accepted.has(idOf(n)) || roleOf(n).startedBy === 'inbox')

  async function post(): Promise<void> {
    const now = performance.now()
    if (lines.all.length > known) grew = now
    known = lines.all.length
    // mostly while the job is up; now and then while it is not
    if (!existsSync(store) || (now - grew > quiet && chance() < 0.9)) return
    const accepted = new Set(
      lines.all.flatMap((line) => (line.startsWith('accepted ') ? [line.slice(9)] : [])),
    )
    const due = shuffled(
      queues.filter((queue) => isDue(queue, accepted)),
      chance,
    ).slice(0, Math.max(1, Math.ceil(orders / 40)))
    if (due.length === 0) return
    await using client = openSqliteClient(store)
    for (const queue of due) {
      const posting = queue.left[0] as Posting
      posted.push({ posting, id: await client.post(JSON.stringify(posting.command), Date.now()) })
      queue.left.shift()
    }
  }

  const tick = (): void => {
    if (stopped) return
    // the store is only being made, or is busy for long: again, later
    working = post()
      .catch(() => {})
      .finally(() => void setTimeout(tick, every))
  }
  tick()

  return {
    async stop() {
      stopped = true
      await working
      const left = queues.flatMap((queue) => queue.left.filter(({ mayBeLate }) => !mayBeLate))
      return [
        ...left.map(({ command }) => `${command.do} for ${command.run} was never posted`),
        ...(await unanswered(store, posted)),
      ]
    },
  }
}

async function unanswered(
  store: string,
  posted: readonly { readonly posting: Posting; readonly id: number }[],
): Promise<readonly string[]> {
  await using reader = openSqliteReader(store)
  const problems: string[] = []
  for (const { posting, id } of posted) {
    const { command, mayBeLate } = posting
    const text = await reader.reply(id)
    const reply = text === undefined ? undefined : (JSON.parse(text) as ClientReply)
    const isWell = reply?.ok ?? mayBeLate
    if (!isWell && !(mayBeLate && reply?.ok === false && reply.code === 'RUN_ENDED'))
      problems.push(`${command.do} for ${command.run} was posted and answered ${text ?? 'nothing'}`)
  }
  return problems
}
