// One seed of the simulation: a world of generated chains, faults, crashes and commands, checked event by event.

import { compile } from '../../chain/compile.ts'
import { toEvent } from '../../journal/encoding.ts'
import type { JournalEvent } from '../../journal/event.ts'
import { createMemoryContents } from '../../journal/memory-contents.ts'
import { createRandom } from '../../kernel/random.ts'
import { catalogueOf } from './catalogue.ts'
import { type Agenda, createAgenda } from './agenda.ts'
import { createAsks } from './asks.ts'
import { createClosing } from './closing.ts'
import { createCommands } from './commands.ts'
import { chanceOf, drawFrom } from './draw.ts'
import { createClient, type Host, startHost } from './host.ts'
import { type Breach, type Invariant, createProof } from './proof.ts'
import { shareStore } from './shared-store.ts'
import type { HostRows } from './host-rows.ts'
import { createSeededTime } from './seeded-time.ts'
import { createListening } from './listening.ts'
import { type ChainShape, walkShapes } from './shape.ts'
import { createWatch } from './watch.ts'
import { drawFaults, drawTemper } from './weather.ts'

export interface SimulationResult {
  readonly seed: number
  readonly breach: { readonly invariant: Invariant; readonly message: string } | undefined
  readonly hits: Readonly<Record<Invariant, number>>
  readonly chains: number
  readonly runs: number
  readonly events: number
  readonly crashes: number
  readonly steps: number
  /** What there was in it that not every world has. */
  readonly features: readonly string[]
}

export interface SimulationOptions {
  /** Hears what happens, line by line. */
  readonly narrate?: (line: string) => void
  /** Hears every event that was committed, in order. */
  readonly event?: (event: JournalEvent) => void
}

const start = Date.UTC(2026, 0, 1)
const mostSteps = 60_000
/** A world in which less has happened goes on. */
const fewestEvents = 40
// longer than the longest sleep: if nothing was written for so long, nothing will be
const standstill = 3 * 3_600_000
/** Runs the world of `seed`; the same seed gives the same result, event by event. */
export async function simulate(
  seed: number,
  { narrate, event }: SimulationOptions = {},
): Promise<SimulationResult> {
  const { shapes, chains } = catalogueOf(seed)
  const random = createRandom(seed)
  const draw = drawFrom(random)
  const time = createSeededTime(start, random)
  const contents = createMemoryContents()
  const proof = createProof()
  const compiled = new Map([...chains].map(([id, { spec }]) => [id, compile(spec)]))
  const concurrency = draw.pick([1, 2, 4, 16])
  const hibernateAfter = draw.pick([0, 2_000, 100_000])
  const health = chanceOf(seed, 'health') < 0.3
  const faults = drawFaults(draw)
  const rows: HostRows = new Map()
  const watch = createWatch(contents, new Map(shapes.map((shape) => [shape.id, shape])), compiled, {
    proof,
    base: { concurrency, hibernateAfter },
    health,
    rows,
    readable: faults.failRead === 0,
  })
  const locked = draw.pick([0, 0, 20])
  const isLocked = (): boolean => !calm && locked > 0 && draw.likely(locked)
  const features = new Set<string>(featuresOf(shapes))
  if (health) features.add('health is judged')
  for (const fault of ['failBefore', 'failAfter', 'powerCut', 'failRead', 'slowest'] as const)
    if (faults[fault] > 0) features.add(`store: ${fault}`)
  const base = {
    time,
    contents,
    chains: [...chains.values()],
    faults,
    concurrency,
    hibernateAfter,
    proof,
    watch,
    temper: drawTemper(draw, seed),
    calm: () => calm,
    ran: new Map<string, number>(),
    store: shareStore({ contents, time, soon: () => draw.below(200), rows, isLocked }),
  }
  let calm = false
  let crashes = 0
  let host: Host | undefined
  /** It stands by to take over. */
  let next: Host | undefined
  let told = 0

  const boot = (): void => {
    host = startHost(base)
    narrate?.(`${time.now() - start} a process starts`)
  }
  const crash = (why: string): void => {
    if (host === undefined) return
    host.kill()
    crashes++
    narrate?.(`${time.now() - start} the process dies: ${why}`)
    succeed()
    if (host !== undefined) return
    time.at(time.now() + 1 + draw.below(draw.pick([5, 2_000, 30_000])), boot)
  }
  const succeed = (): void => {
    host = next
    next = undefined
    asks.died()
    if (host !== undefined) narrate?.(`${time.now() - start} another takes over`)
  }
  const clients = await Promise.all(
    Array.from({ length: 1 + draw.below(3) }, async () => createClient({ ...base, store: base.store() })),
  )
  if (clients.length > 1) features.add('several clients')
  const listening = createListening(seed, watch)
  const up = (): Host | undefined => (host?.up === true ? host : undefined)
  const anyone = (): Host | undefined => {
    if (draw.likely(20)) return draw.pick(clients)
    return next?.up === true && draw.likely(50) ? next : up()
  }
  const anyoneUp = (): readonly Host[] =>
    [...clients, ...[host, next].filter((one) => one?.up === true)] as Host[]
  const asks = createAsks(proof, anyone, (line) => narrate?.(`${time.now() - start} ${line}`))
  const again = (ask: () => void): void => agenda.soon(500 + draw.below(3_000), ask)
  const commands = createCommands({ asks, chains, proof, watch, again })
  const stop = (drain: number): void => {
    const leaving = host
    if (leaving === undefined) return
    const stopped = (): void => {
      if (host === leaving) crash('restarted')
    }
    asks.ask('stop', async ({ supervisor }) => supervisor?.stop({ drain }), stopped, leaving)
  }
  const handOver = (drain: number): void => {
    if (host === undefined || next !== undefined) return
    features.add('another process stands by')
    narrate?.(`${time.now() - start} another process stands by`)
    next = startHost({ ...base, standsBy: true })
    agenda.soon(draw.below(3_000), () => stop(drain))
  }
  const agenda: Agenda = createAgenda({ commands, draw, time, shapes, chains, stop, handOver })
  const over = (): boolean => agenda.over()
  const isGuest = (chain: string): boolean =>
    shapes.some(({ id, guest }) => id === chain && guest !== undefined)
  const inbox = (): number => contents.inbox.size
  const closing = createClosing({ asks, commands, over, time, proof, watch, host: up, inbox, isGuest })
  const tell = (): void => {
    watch.catchUp()
    if (narrate === undefined && event === undefined) return
    for (let row = contents.journal[told]; row !== undefined; row = contents.journal[++told]) {
      const { seq, type, run, body, payload } = row
      narrate?.(`${time.now() - start}   ${seq} ${type} ${run} ${body} ${payload ?? ''}`)
      event?.(toEvent(row))
    }
  }
  const stray = (error: unknown): void => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    proof.check('stray', false, () => text)
  }
  process.on('uncaughtException', stray)
  process.on('unhandledRejection', stray)
  const step = async (): Promise<boolean> => {
    let more = true
    try {
      more = await time.step()
    } catch (error) {
      stray(error)
    }
    proof.check('stray', true, () => '')
    tell()
    listening.ask(anyoneUp())
    if (host === undefined || (host.clock.alive && !host.broken)) return more
    crash(host.broken ? 'its store failed' : 'a step kills it')
    return true
  }

  boot()
  agenda.schedule()
  const crashAt = Array.from({ length: 1 + draw.below(3) }, () => draw.below(400))
  let quietSince = time.now()
  let seen = 0
  for (; proof.breach === undefined && time.steps < mostSteps;) {
    if (!calm && crashAt.includes(time.steps)) crash('at random')
    let more = await step()
    if (contents.journal.length > seen) {
      seen = contents.journal.length
      quietSince = time.now()
    }
    if (!calm && over() && time.steps > 400 && contents.journal.length < fewestEvents) {
      agenda.more()
      more = true
    } else if (!calm && over() && time.steps > 400) {
      calm = true
      Object.assign(faults, { failBefore: 0, failAfter: 0, powerCut: 0, failRead: 0 })
      if (crashes === 0) crash('once at least')
      narrate?.(`${time.now() - start} faults cease`)
    }
    if (more && time.now() - quietSince < standstill) continue
    if (!calm) {
      quietSince = time.now()
      if (!more) time.at(time.now() + 1, () => {})
      if (!more && time.steps >= 400 && !over()) break
      continue
    }
    quietSince = time.now()
    if (closing.giveUp() || closing.tryAgain()) continue
    if (closing.allEnded()) break
    if (!closing.nudge()) break
  }
  if (proof.breach === undefined) await closing.conclude(step)
  tell()
  if (health && proof.breach === undefined) watch.health.judge(time.now())
  process.off('uncaughtException', stray)
  process.off('unhandledRejection', stray)
  return {
    seed,
    breach: reported(proof.breach),
    hits: proof.hits,
    chains: shapes.length,
    runs: watch.runs.runs.size,
    events: contents.journal.length,
    crashes,
    steps: time.steps,
    features: [...features],
  }
}

function* featuresOf(shapes: readonly ChainShape[]): Generator<string> {
  for (const { guest, limit, deadline, memo, entries } of shapes) {
    if (guest !== undefined) yield 'chain: a machine of the user'
    if (limit !== undefined) yield 'chain: concurrency group'
    if (deadline !== undefined) yield 'chain: deadline'
    if (memo !== undefined) yield 'chain: memo'
    for (const entry of walkShapes(entries)) {
      yield `step: ${entry.kind}`
      if ('limited' in entry && entry.limited > 0 && !('transacts' in entry)) yield 'step: limiter'
      if ('transacts' in entry) yield 'step: transact'
      if ('memo' in entry) yield 'step: memo'
      if ('guarded' in entry && entry.guarded) yield 'step: breaker, hedge, deadline'
      if ('compensates' in entry && entry.compensates) yield 'step: compensation'
    }
  }
}

function reported(breach: Breach | undefined): SimulationResult['breach'] {
  return breach === undefined ? undefined : { invariant: breach.invariant, message: breach.message }
}
