// What people and programs ask of a simulated supervisor: runs, signals, pauses, cancels, restarts, all at random.

import type { AnyChain } from '../../chain/any-chain.ts'
import type { Run } from '../../engine/run.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import type { Draw } from './draw.ts'
import type { Host } from './host.ts'
import type { Proof } from './proof.ts'
import type { SeededTime } from './seeded-time.ts'
import { type ChainShape, walkShapes } from './shape.ts'
import type { Watch } from './watch.ts'

export interface CommandsOptions {
  readonly draw: Draw
  readonly time: SeededTime
  readonly shapes: readonly ChainShape[]
  readonly chains: ReadonlyMap<string, AnyChain>
  readonly proof: Proof
  readonly watch: Watch
  readonly narrate: (line: string) => void
  /** The process that can be asked now. */
  readonly host: () => Host | undefined
  readonly restart: () => void
}

interface Asked {
  readonly what: string
  readonly host: Host
  answered(error: string | undefined): void
}

export interface Commands {
  /** The process has died: what it was asked is never answered. */
  died(): void
  /** Plans all that will be asked. */
  schedule(): void
  /** Whether all that was planned was asked, and all runs were accepted. */
  over(): boolean
  allEnded(): boolean
  /** Does for the runs that have not ended what only a person can; false where nothing can be done. */
  nudge(): boolean
  /** Stops what still runs and draws up the balance. */
  conclude(step: () => Promise<boolean>): Promise<void>
}

const period = 30_000
const outOfService: readonly string[] = ['STORE_UNAVAILABLE', 'SUPERVISOR_STOPPED']

export function createCommands(options: CommandsOptions): Commands {
  const { draw, time, proof, watch, narrate, chains } = options
  const accepted = new Set<string>()
  const wanted = new Set<string>()
  const pending = new Map<object, Asked>()
  let planned = 0
  let nudges = 0

  const soon = (by: number, act: () => void): void => {
    planned++
    time.at(time.now() + by, () => {
      planned--
      act()
    })
  }
  /** Asks the process that is up; what it answers after its death is not heard. */
  const ask = (
    what: string,
    call: (host: Host) => Promise<unknown>,
    answered: (error: string | undefined) => void,
  ): void => {
    const host = options.host()
    if (host === undefined) return answered('no process')
    const token = {}
    pending.set(token, { what, host, answered })
    const hear = (error?: Error): void => {
      if (!host.clock.alive || !pending.delete(token)) return
      watch.catchUp()
      narrate(`${what}: ${error === undefined ? 'done' : String(error)}`)
      answered(error === undefined ? undefined : CatenaryError.is(error) ? error.code : String(error))
    }
    call(host).then(
      () => hear(undefined),
      (error: Error) => hear(error),
    )
  }
  const expect = (error: string, what: string, ...allowed: readonly string[]): void => {
    const fine = error === 'no process' || outOfService.includes(error) || allowed.includes(error)
    proof.check('answered', fine, () => `${what} was refused: ${error}`)
  }

  const start = (id: string, target: readonly AnyChain[], input: unknown): void => {
    ask(
      `start ${id}`,
      async ({ supervisor }) => supervisor?.start(target, input, { id }),
      (error) => {
        if (error === undefined) {
          accepted.add(id)
          wanted.delete(id)
          proof.check(
            'accepted',
            watch.runs.runs.has(id),
            () => `run ${id} was accepted, but is not in the journal`,
          )
          return
        }
        expect(error, `start ${id}`)
        soon(500 + draw.below(3_000), () => start(id, target, input))
      },
    )
  }
  const command = (id: string, what: string, act: (run: Run) => Promise<void>, done?: () => void): void => {
    ask(
      `${what} ${id}`,
      async ({ supervisor }) => {
        const run = await supervisor?.get(id)
        if (run === undefined) throw new CatenaryError('RUN_UNKNOWN', 'not yet')
        await act(run)
      },
      (error) => {
        if (error === undefined) done?.()
        else expect(error, `${what} ${id}`, 'RUN_ENDED', 'RUN_UNKNOWN', 'SIGNAL_UNKNOWN')
      },
    )
  }
  const signal = (id: string, name: string, key: string): void => {
    command(
      id,
      `signal ${name} ${key}`,
      (run) => run.signal(name, { key }, { id: key }),
      () =>
        proof.check(
          'accepts',
          watch.signals.received(id, key),
          () => `signal ${key} of ${id} is not in the journal`,
        ),
    )
  }

  const plan = (id: string): void => {
    const graph = options.shapes.filter((shape) => !shape.id.startsWith('leaf'))
    const targets = Array.from({ length: draw.likely(25) ? 2 : 1 }, () => draw.pick(graph.slice(-3)).id)
    const target = [...new Set(targets)].map((one) => chains.get(one) as AnyChain)
    const input = { group: draw.below(2) }
    const at = draw.below(period / 2)
    wanted.add(id)
    soon(at, () => start(id, target, input))
    if (draw.likely(30)) soon(at + draw.below(200), () => start(id, target, input))
    const names = options.shapes.flatMap(({ entries }) =>
      [...walkShapes(entries)].flatMap(({ kind, name }) => (kind === 'wait' ? [name] : [])),
    )
    for (const name of new Set(names)) {
      for (let n = draw.below(4); n > 0; n--) {
        const key = `${name}-${n % 3}`
        soon(draw.below(period), () => signal(id, name, key))
      }
    }
    if (draw.likely(40)) {
      const paused = draw.below(period)
      soon(paused, () => command(id, 'pause', (run) => run.pause()))
      soon(paused + draw.below(period / 2), () => command(id, 'resume', (run) => run.resume()))
    }
    if (draw.likely(15))
      soon(draw.below(period), () => command(id, 'cancel', (run) => run.cancel('by chance')))
  }
  const open = (): string[] =>
    [...watch.runs.runs].flatMap(([id, { ended, parked }]) =>
      ended === undefined && parked !== 'dead-letter' ? [id] : [],
    )

  return {
    schedule() {
      for (let n = 5 + draw.below(3); n > 0; n--) plan(`run${n}`)
      if (draw.likely(20)) {
        soon(draw.below(period), () =>
          ask(
            'stop',
            async ({ supervisor }) => supervisor?.stop({ drain: draw.below(5_000) }),
            options.restart,
          ),
        )
      }
    },
    died() {
      const unanswered = [...pending.values()].filter(({ host }) => !host.clock.alive)
      for (const [token, { host }] of pending) if (!host.clock.alive) pending.delete(token)
      for (const { answered } of unanswered) answered('no process')
    },
    over: () => planned === 0 && wanted.size === 0,
    allEnded: () => planned === 0 && pendingOf(pending).length === 0 && open().length === 0,
    nudge() {
      const unanswered = pendingOf(pending)
      const waiting = unanswered.join(', ')
      proof.check('answered', waiting === '', () => `never answered: ${waiting}`)
      const left = open()
      const stuck = (): string =>
        `${left.join(', ')} after ${nudges} nudges, with the process ${options.host() === undefined ? 'down' : 'up'}`
      proof.check('ends', nudges < 40, stuck)
      if (proof.breach !== undefined || left.length === 0) return false
      nudges++
      let asked = 0
      for (const id of left) {
        const run = watch.runs.runs.get(id)
        const fold = watch.folds.fold(id)
        const names = [...(fold?.chains.values() ?? [])].flatMap(({ snapshot }) =>
          Object.keys(snapshot.children).filter((name) => name.startsWith('wait')),
        )
        if (run?.paused === true) command(id, 'resume', (one) => one.resume())
        for (const name of names) signal(id, name, `${name}-nudge-${nudges}`)
        if (run?.paused === true || names.length > 0) asked++
      }
      // one may wait for another in its concurrency group, but not all
      proof.check(
        'ends',
        asked > 0,
        () => `all stand still: ${left.map((id) => `${id}: ${describe(id)}`).join('\n  ')}`,
      )
      return proof.breach === undefined
    },
    async conclude(step) {
      for (const id of accepted) {
        const { ended, parked } = watch.runs.runs.get(id) ?? {}
        proof.check('ends', (ended ?? parked) !== undefined, () => `run ${id} has not ended: ${describe(id)}`)
      }
      const host = options.host()
      if (host?.supervisor === undefined) return
      const before = time.now()
      const stop = { over: false, waited: 0 }
      for (const id of accepted) compare(id, host)
      void host.supervisor.stop({ drain: 60_000 }).then(() => {
        stop.over = true
        stop.waited = time.now() - before
      })
      for (let n = 0; !stop.over && n < 500; n++) await step()
      proof.check(
        'idle',
        stop.over && stop.waited < 10_000,
        () => `the pool was busy for ${stop.waited} ms at the end`,
      )
    },
  }

  function describe(id: string): string {
    const fold = watch.folds.fold(id)
    const nodes = [...(fold?.state.nodes.values() ?? [])].map(({ key, status }) => `${key} ${status}`)
    const states = [...(fold?.chains ?? [])].map(
      ([key, { snapshot }]) => `${key} in ${JSON.stringify(snapshot.value)}`,
    )
    return [...nodes, ...states].join('; ')
  }
  function compare(id: string, { supervisor }: Host): void {
    const fold = watch.folds.fold(id)
    if (fold?.state.ended === undefined) return
    void supervisor?.get(id).then(async (run) => {
      const { status } = (await run?.settled()) ?? {}
      proof.check('fold', status === fold.state.ended?.status, () => `run ${id} says ${status}`)
    })
  }
}

function pendingOf(
  pending: ReadonlyMap<object, { readonly what: string; readonly host: Host }>,
): readonly string[] {
  return [...pending.values()].flatMap(({ what, host }) => (host.up ? [what] : []))
}
