// What people and programs ask of a simulated supervisor: runs, signals, pauses, cancels, a restart, all at random.

import type { AnyChain } from '../../chain/any-chain.ts'
import type { Run } from '../../engine/run.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import type { Asks } from './asks.ts'
import type { Draw } from './draw.ts'
import type { Proof } from './proof.ts'
import type { SeededTime } from './seeded-time.ts'
import { type ChainShape, walkShapes } from './shape.ts'
import type { Watch } from './watch.ts'

export interface CommandsOptions {
  readonly asks: Asks
  readonly draw: Draw
  readonly time: SeededTime
  readonly shapes: readonly ChainShape[]
  readonly chains: ReadonlyMap<string, AnyChain>
  readonly proof: Proof
  readonly watch: Watch
  /** The process was stopped in good order. */
  readonly stopped: () => void
}

export interface Commands {
  /** Runs whose start was answered. */
  readonly accepted: ReadonlySet<string>
  /** Plans all that will be asked. */
  schedule(): void
  /** Whether all that was planned was asked, and all runs were accepted. */
  over(): boolean
  signal(run: string, name: string, id: string): void
  resume(run: string): void
  cancel(run: string): void
}

const period = 30_000

export function createCommands(options: CommandsOptions): Commands {
  const { asks, draw, time, proof, watch, chains } = options
  const accepted = new Set<string>()
  const wanted = new Set<string>()
  let planned = 0

  const soon = (by: number, act: () => void): void => {
    planned++
    time.at(time.now() + by, () => {
      planned--
      act()
    })
  }
  const start = (id: string, target: readonly AnyChain[], input: unknown): void => {
    asks.ask(
      `start ${id}`,
      async ({ supervisor }) => supervisor?.start(target, input, { id }),
      (error) => {
        if (error === undefined) {
          accepted.add(id)
          wanted.delete(id)
          watch.catchUp()
          proof.check(
            'accepted',
            watch.runs.runs.has(id),
            () => `${id} was accepted, but is not in the journal`,
          )
          return
        }
        asks.expect(error, `start ${id}`, [])
        soon(500 + draw.below(3_000), () => start(id, target, input))
      },
    )
  }
  const command = (id: string, what: string, act: (run: Run) => Promise<void>, done?: () => void): void => {
    asks.ask(
      `${what} ${id}`,
      async ({ supervisor }) => {
        const run = await supervisor?.get(id)
        if (run === undefined) throw new CatenaryError('RUN_UNKNOWN', 'not yet')
        await act(run)
      },
      (error) => {
        if (error === undefined) done?.()
        else asks.expect(error, `${what} ${id}`, ['RUN_ENDED', 'RUN_PARKED', 'RUN_UNKNOWN', 'SIGNAL_UNKNOWN'])
      },
    )
  }
  const signal: Commands['signal'] = (run, name, id) => {
    const kept = (): void => {
      watch.catchUp()
      proof.check(
        'accepts',
        watch.signals.received(run, id),
        () => `signal ${id} of ${run} is not in the journal`,
      )
    }
    command(run, `signal ${name} ${id}`, (one) => one.signal(name, { id }, { id }), kept)
  }
  const resume: Commands['resume'] = (run) => command(run, 'resume', (one) => one.resume())

  const cancel: Commands['cancel'] = (run) => command(run, 'cancel', (one) => one.cancel('by chance'))

  const names = new Set(
    options.shapes.flatMap(({ entries }) =>
      [...walkShapes(entries)].flatMap(({ kind, name }) => (kind === 'wait' ? [name] : [])),
    ),
  )
  const plan = (id: string): void => {
    const graph = options.shapes.filter((shape) => !shape.id.startsWith('leaf'))
    const targets = Array.from({ length: draw.likely(25) ? 2 : 1 }, () => draw.pick(graph.slice(-3)).id)
    const target = [...new Set(targets)].map((one) => chains.get(one) as AnyChain)
    const input = { group: draw.below(2) }
    const at = draw.below(period / 2)
    wanted.add(id)
    soon(at, () => start(id, target, input))
    if (draw.likely(30)) soon(at + draw.below(200), () => start(id, target, input))
    for (const name of names) {
      for (let n = draw.below(4); n > 0; n--) {
        const key = `${name}-${draw.below(2)}`
        soon(draw.pick([0, at]) + draw.below(draw.pick([5_000, period])), () => signal(id, name, key))
      }
    }
    const meanwhile = (): number => at + draw.below(draw.pick([200, 5_000, period]))
    if (draw.likely(50)) {
      const paused = meanwhile()
      soon(paused, () => command(id, 'pause', (run) => run.pause()))
      soon(paused + draw.below(period / 2), () => resume(id))
    }
    if (draw.likely(20)) soon(meanwhile(), () => cancel(id))
  }

  return {
    accepted,
    signal,
    resume,
    cancel,
    over: () => planned === 0 && wanted.size === 0,
    schedule() {
      for (let n = 5 + draw.below(3); n > 0; n--) plan(`run${n}`)
      if (!draw.likely(20)) return
      const drain = draw.below(5_000)
      soon(draw.below(period), () =>
        asks.ask('stop', async ({ supervisor }) => supervisor?.stop({ drain }), options.stopped),
      )
    },
  }
}
