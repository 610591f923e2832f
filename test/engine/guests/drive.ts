// Drives a guest to its end: under plain XState, in a supervisor, and in one that is killed at a given commit.

import { type AnyActorRef, createActor } from 'xstate'
import { fromMachine } from '../../../src/chain/from-machine.ts'
import { supervise } from '../../../src/engine/create-supervisor.ts'
import type { Supervisor } from '../../../src/engine/supervisor.ts'
import type { Run } from '../../../src/engine/runs/run.ts'
import { toEvent } from '../../../src/journal/encoding.ts'
import { createMemoryContents, type MemoryContents } from '../../../src/journal/memory-contents.ts'
import { createMemoryStore } from '../../../src/journal/memory-store.ts'
import type { Store } from '../../../src/journal/store.ts'
import { decode } from '../../../src/kernel/codec.ts'
import { createVirtualClock, type VirtualClock } from '../../../src/testing/virtual-clock.ts'
import type { Guest } from './guest.ts'
import { createWorld } from './world.ts'

/** What is compared: the machine and all its children, without what only XState needs. */
export interface End {
  readonly machine: unknown
  readonly result: unknown
}

interface Persisted {
  readonly status: string
  readonly value?: unknown
  readonly context?: unknown
  readonly output?: unknown
  readonly children?: Readonly<Record<string, { readonly snapshot: Persisted; readonly src: unknown }>>
}

/** A kill: after the batch `at` (from 1) was written, or before it could be. */
export interface Kill {
  readonly at: number
  readonly written: boolean
}

/** The end under plain XState, on the same kind of clock. */
export async function endPlain(guest: Guest): Promise<End> {
  const clock = createVirtualClock()
  const actor = createActor(guest.machine(createWorld(clock)), {
    clock: plainClock(clock),
    input: guest.input,
  } as never) as AnyActorRef & { start(): void }
  actor.subscribe({ error: () => {} })
  actor.start()
  await clock.settle()
  for (const [at, event] of guest.script) {
    await clock.advance(at - clock.now())
    if ((actor.getSnapshot() as Persisted).status === 'active') actor.send(event)
    await clock.settle()
  }
  await clock.advance(guest.until - clock.now())
  const snapshot = actor.getPersistedSnapshot() as unknown as Persisted
  return { machine: bare(snapshot), result: snapshot.status === 'done' ? snapshot.output : snapshot.status }
}

function plainClock(clock: VirtualClock) {
  return {
    setTimeout: (fire: () => void, ms: number) => clock.at(clock.now() + ms, fire),
    clearTimeout: (cancel: () => void) => cancel(),
  }
}

/** The end in a supervisor; each process in turn is killed where `kills` says, then another takes over. */
export async function endDurable(
  guest: Guest,
  kills: readonly Kill[] = [],
  hibernateAfter = 2_000,
): Promise<End & { readonly batches: number; readonly contents: MemoryContents }> {
  const contents = createMemoryContents()
  let life = await begin(guest, contents, kills[0], 0, hibernateAfter)
  let lives = 1
  let batches = 0
  const survive = async (work: (life: Life) => Promise<void>): Promise<void> => {
    for (;;) {
      await work(life)
      if (life.died === undefined) return
      batches += life.batches
      life = await begin(guest, contents, kills[lives++], life.died, hibernateAfter)
    }
  }
  await survive(async ({ clock }) => clock.settle())
  for (const [index, [at, event]] of guest.script.entries()) {
    await survive(async ({ clock, send }) => {
      await clock.advance(Math.max(0, at - clock.now()))
      void send(event, `event-${index}`)
      await clock.settle()
    })
  }
  await survive(async ({ clock }) => clock.advance(Math.max(0, guest.until - clock.now())))
  const { clock, supervisor } = life
  const head = await life.run?.status()
  const result =
    head === 'succeeded' || head === 'failed' ? await life.run?.settled() : { status: head, output: 'active' }
  const stopping = supervisor.stop()
  await clock.settle()
  await stopping
  const machine = lastState(contents)
  return {
    machine,
    result: result !== undefined && 'output' in result ? result.output : result?.status,
    batches: batches + life.batches,
    contents,
  }
}

interface Life {
  readonly clock: VirtualClock
  readonly supervisor: Supervisor
  readonly run: Run | undefined
  /** When it was killed (virtual ms). */
  readonly died: number | undefined
  readonly batches: number
  send(event: { readonly type: string }, id: string): Promise<void>
}

async function begin(
  guest: Guest,
  contents: MemoryContents,
  kill: Kill | undefined,
  now: number,
  hibernateAfter: number,
): Promise<Life> {
  const clock = createVirtualClock({ now })
  const chain = fromMachine('guest', guest.machine(createWorld(clock)))
  const inner = createMemoryStore(contents)
  let died: number | undefined
  let batches = 0
  const store: Store = {
    ...inner,
    append(batch) {
      if (died !== undefined) return new Promise(() => {})
      batches++
      if (batches !== kill?.at) return inner.append(batch)
      died = clock.now()
      if (kill.written) void inner.append(batch)
      void inner.close()
      return new Promise(() => {})
    },
  }
  const supervisor = await supervise(store, {
    chains: [chain],
    clock,
    hibernateAfter,
  })
  let run: Run | undefined
  // accepted under a name, so that asking again after a kill gives the same run
  supervisor.start(chain, guest.input as never, { id: 'one' }).then(
    (started) => (run = started as Run),
    () => {}, // killed before it could be asked
  )
  await clock.settle()
  return {
    clock,
    supervisor,
    get run() {
      return run
    },
    get died() {
      return died
    },
    get batches() {
      return batches
    },
    async send(event, id) {
      if (run === undefined || died !== undefined) return
      try {
        await run.send(event as never, { id })
      } catch {
        // it has ended
      }
    },
  }
}

/** The last recorded state of the machine. */
export function lastState(contents: MemoryContents): unknown {
  const row = contents.journal.findLast(
    ({ type, payload }) => type === 'machine.advanced' && payload !== null,
  )
  if (row === undefined) return undefined
  const event = toEvent(row) as { readonly payload?: string }
  return bare((decode(event.payload ?? 'null') as { snapshot: Persisted }).snapshot)
}

/** State, context, output and children; of actors that are over, only what they returned. */
function bare({ status, value, context, output, children = {} }: Persisted): unknown {
  return {
    status,
    ...(value === undefined ? {} : { value }),
    ...(context === undefined ? {} : { context }),
    ...(output === undefined ? {} : { output }),
    children: Object.fromEntries(Object.entries(children).map(([id, child]) => [id, bare(child.snapshot)])),
  }
}
