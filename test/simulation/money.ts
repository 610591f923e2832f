// One seed of the money test: orders of `examples/checkout` against a ledger that fails before and after its effects,
// and processes that die. In the end each order is booked whole, not at all, or asks for a person.

import { type Approval, checkout, freeHand, type Order, type Shop } from '../../examples/checkout/checkout.ts'
import { Books, type Ledger } from '../../examples/checkout/ledger.ts'
import type { AnyChain } from '../../src/chain/any-chain.ts'
import { supervise } from '../../src/engine/create-supervisor.ts'
import type { Supervisor } from '../../src/engine/supervisor.ts'
import { toEvent } from '../../src/journal/encoding.ts'
import { createMemoryContents } from '../../src/journal/memory-contents.ts'
import { createMemoryStore } from '../../src/journal/memory-store.ts'
import type { JournalEvent } from '../../src/journal/event.ts'
import { OutcomeUnknown } from '../../src/kernel/failure.ts'
import { createRandom } from '../../src/kernel/random.ts'
import { createFaultyStore } from '../../src/testing/faulty-store.ts'
import { createProof } from '../../src/testing/simulation/proof.ts'
import { createSeededTime, type ProcessClock } from '../../src/testing/simulation/seeded-time.ts'
import { createUndoWatch } from '../../src/testing/simulation/undo-watch.ts'

export interface MoneyResult {
  readonly seed: number
  /** What does not add up. */
  readonly problems: readonly string[]
  /** How the orders ended. */
  readonly ends: readonly string[]
  readonly crashes: number
  /** Compensations whose step's outcome was unknown. */
  readonly unknown: number
}

const chainOf = checkout as unknown as AnyChain
const mostSteps = 20_000

export async function simulateMoney(seed: number): Promise<MoneyResult> {
  const random = createRandom(seed)
  const chance = (percent: number): boolean => random() * 100 < percent
  const time = createSeededTime(1_000_000, random)
  const contents = createMemoryContents()
  const books = new Books()
  const trouble = 5 + random() * 30
  let calm = false
  let crashes = 0

  /** The service's side of the wire: it goes on when our process has died. */
  const call = async (line: Parameters<Books['take']>[0]): Promise<void> =>
    new Promise((resolve, reject) => {
      if (!calm && chance(trouble / 2)) return reject(new Error('refused before anything was booked'))
      time.at(time.now() + delay(), () => {
        try {
          if (books.accepts(line)) books.take(line)
        } catch (error) {
          return reject(error)
        }
        if (!calm && chance(trouble)) return reject(new OutcomeUnknown('the answer was lost'))
        time.at(time.now() + delay(), () => resolve())
      })
    })
  /** Mostly quick, now and then longer than any timeout, or never to be answered. */
  const delay = (): number => {
    if (calm || !chance(trouble / 2)) return random() * 300
    return chance(20) ? 1e9 : random() * 20_000
  }
  const ledger: Ledger = {
    book: async (entry) => call({ do: 'book', ...entry }),
    void: async (key) => call({ do: 'void', key }),
  }
  const shop: Shop = {
    ledger,
    confirm: async () => {
      if (chance(30)) throw new Error('the mail server is down')
    },
  }

  let clock: ProcessClock
  let supervisor: Supervisor | undefined
  let kill: () => void = () => {}
  const boot = async (): Promise<void> => {
    clock = time.process()
    const mine = clock
    const store = createFaultyStore(createMemoryStore(contents), clock, { slowest: 5 })
    kill = () => {
      mine.kill()
      void store.kill()
    }
    const booted = await supervise(store, { chains: [chainOf], app: shop, clock, lostAttempts: 20 })
    if (mine.alive) supervisor = booted
  }
  const runs = ['order-1', 'order-2', 'order-3']
  const head = (id: string) => contents.head(id)
  const ended = (id: string): boolean => {
    const status = head(id)?.status
    return status !== undefined && !['running', 'waiting', 'paused'].includes(status)
  }
  const quietly = (work: Promise<unknown> | undefined): void => void work?.catch(() => {})
  const ask = (id: string): void => {
    const status = head(id)?.status
    if (supervisor === undefined || !clock.alive) return
    if (status === undefined) {
      const order: Order = {
        customer: `customer of ${id}`,
        lines: [
          { sku: 'loom', count: 1, price: chance(50) ? freeHand : 10 },
          { sku: 'cards', count: 3, price: 5 },
        ],
      }
      return quietly(supervisor.start(checkout, order, { id, ...(chance(15) ? { deadline: '30s' } : {}) }))
    }
    if (ended(id)) return
    const approval: Approval = { approved: chance(70), by: 'grace' }
    quietly(
      supervisor
        .get(id)
        .then(async (run) =>
          chance(15) ? run?.cancel('changed my mind') : run?.signal('approval', approval, { id: 'once' }),
        ),
    )
  }
  void boot()
  const deaths = Array.from({ length: Math.floor(random() * 5) }, () => 20 + Math.floor(random() * 400))
  for (let step = 0; step < mostSteps; step++) {
    if (deaths.includes(step)) {
      kill()
      crashes++
      supervisor = undefined
      void boot()
    }
    if (step > 1_500) calm = true
    if (step % 40 === 0) ask(runs[Math.floor(random() * runs.length)] as string)
    const moved = await time.step(time.now() + 60_000)
    if (!moved) time.jump(time.now() + 60_000)
    if (runs.every(ended)) break
  }
  // what is still on the wire arrives
  calm = true
  while (await time.step(2e9));
  kill()
  const events = contents.journal.map((row) => toEvent(row))
  return { seed, crashes, ...judge(runs, events, books) }
}

function judge(
  runs: readonly string[],
  events: readonly JournalEvent[],
  books: Books,
): Pick<MoneyResult, 'problems' | 'ends' | 'unknown'> {
  const problems: string[] = []
  const ends: string[] = []
  const proof = createProof()
  const undos = createUndoWatch(proof)
  for (const event of events) undos.see(event)
  if (proof.breach !== undefined) problems.push(proof.breach.message)
  const standing = books.standing()
  for (const run of runs) {
    const of = events.filter((event) => event.run === run)
    const terminal = of.filter(({ type }) => type === 'run.ended')
    const chains = of.filter(({ type }) => type === 'chain.ended')
    if (terminal.length > 1 || chains.length > 1) problems.push(`${run} ended more than once`)
    const parked = of.findLast(({ type }) => type === 'run.parked')
    const [end] = terminal
    const status =
      end?.type === 'run.ended' ? end.status : parked?.type === 'run.parked' ? parked.reason : 'open'
    ends.push(status)
    if (status === 'open') problems.push(`${run} has neither ended nor asked for a person`)
    const booked = standing.filter(({ key }) => key.startsWith(`${run}/`)).map(({ key }) => key)
    if (status === 'succeeded' && booked.length !== 4)
      problems.push(`${run} succeeded, and booked ${booked.join(', ') || 'nothing'}`)
    if ((status === 'failed' || status === 'cancelled') && booked.length > 0)
      problems.push(`${run} ${status}, and left ${booked.join(', ')}`)
  }
  const unknown = events
    .flatMap((event) => (event.type === 'chain.ended' ? (event.compensated ?? []) : []))
    .filter(({ outcome }) => outcome === 'unknown').length
  return { problems, ends, unknown }
}
