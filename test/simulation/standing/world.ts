// One seed of the simulation of what stands: services under supervision and chains that run by schedules, over crashes
// and faults of the store, checked as everything begins and ends.

import { compile } from '../../../src/chain/compile.ts'
import { membersOf } from '../../../src/chain/members.ts'
import { toEvent } from '../../../src/journal/encoding.ts'
import { createMemoryContents } from '../../../src/journal/memory-contents.ts'
import { createRandom } from '../../../src/kernel/random.ts'
import { drawFrom } from '../../../src/testing/simulation/draw.ts'
import { type Host, startHost } from '../../../src/testing/simulation/host.ts'
import { createProof } from '../../../src/testing/simulation/proof.ts'
import { createSeededTime, type ProcessClock } from '../../../src/testing/simulation/seeded-time.ts'
import { shareStore } from '../../../src/testing/simulation/shared-store.ts'
import type { SimulationOptions, SimulationResult } from '../../../src/testing/simulation/simulate.ts'
import { createWatch } from '../../../src/testing/simulation/watch.ts'
import { drawFaults, drawTemper } from '../../../src/testing/simulation/weather.ts'
import { createPassing } from '../passing.ts'
import { buildStanding, shapesOf } from './build.ts'
import { createLives, type Lives } from './lives.ts'
import { drawStanding, groupsOf, servicesOf } from './shape.ts'
import { createTickWatch, type Up } from './tick-watch.ts'

const start = Date.UTC(2026, 0, 1)
/** Long enough for every backoff, probe and queue to come to rest (ms). */
const calmFor = 150_000

export async function simulateStanding(
  seed: number,
  { narrate, event: hear }: SimulationOptions = {},
): Promise<SimulationResult> {
  const random = createRandom(seed)
  const draw = drawFrom(random)
  const shape = drawStanding(draw)
  const { groups, chains } = buildStanding(shape)
  const time = createSeededTime(start + draw.below(100_000), random)
  const begin = time.now()
  const contents = createMemoryContents()
  const proof = createProof()
  const faults = drawFaults(draw)
  const concurrency = draw.pick([2, 16])
  const hibernateAfter = draw.pick([0, 100_000])
  const { specs } = membersOf([...groups, ...chains.values()], {})
  const compiled = new Map(specs.map((spec) => [spec.id, compile(spec)]))
  const watch = createWatch(contents, shapesOf(shape), compiled, {
    proof,
    base: { concurrency, hibernateAfter },
    health: false,
    rows: new Map(),
    readable: faults.failRead === 0,
  })
  const ups: Up[] = []
  /** When something was written last. */
  let written = begin
  const ticks = createTickWatch(proof, shape.schedules, ups)
  const begun = new Map<string, number>()
  let calm = false
  let host: Host | undefined
  let lives: Lives | undefined
  let up: Up | undefined
  let crashes = 0
  let told = 0

  const base = {
    time,
    contents,
    chains: [...groups, ...chains.values()],
    faults,
    concurrency,
    hibernateAfter,
    proof,
    watch,
    temper: drawTemper(draw, seed),
    calm: () => calm,
    ran: new Map<string, number>(),
    store: shareStore({ contents, time, soon: () => 50, rows: new Map(), isLocked: () => false }),
    options: { intensity: 20, period: '1m' },
    app: (clock: ProcessClock) => {
      lives = createLives({ groups: shape.groups, clock, proof, seed, begun, calm: () => calm })
      return { lives }
    },
  } as const
  const say = (line: string): void => narrate?.(`${time.now() - begin} ${line}`)
  const boot = (): void => {
    // what the one before has written is of its services
    read()
    say('a process starts')
    host = startHost(base)
    ups.push((up = { from: time.now(), opened: Infinity, attends: Infinity, to: Infinity }))
  }
  const crash = (why: string): void => {
    if (host === undefined) return
    const failing = host.broken
    host.kill()
    host = undefined
    if (up !== undefined) {
      up.to = time.now()
      // a store that fails may have answered nothing for a while
      up.attends = failing ? Math.max(up.from, written) : up.to
    }
    up = undefined
    crashes++
    say(`the process dies: ${why}`)
    time.at(time.now() + 1 + draw.below(draw.pick([50, 3_000, 90_000])), boot)
  }
  const hold = (chain: string, at: number): void => {
    const needed = shape.schedules.find((one) => one.chain === chain)?.ready
    if (needed === undefined || lives === undefined) return
    proof.check(
      'readied',
      lives.wasReady(needed, at),
      () => `${chain} begins at ${at}, but ${needed} is not ready`,
    )
  }
  const read = (): void => {
    watch.catchUp()
    for (let row = contents.journal[told]; row !== undefined; row = contents.journal[++told]) {
      const event = toEvent(row)
      narrate?.(`${time.now() - begin}   ${row.seq} ${row.type} ${row.run} ${row.body} ${row.payload ?? ''}`)
      hear?.(event)
      written = time.now()
      ticks.see(event)
      if (event.type === 'chain.started') hold(event.chain, event.at)
      // as whoever watches over its health would
      if (event.type === 'services.ended' && event.cause !== 'stop') crash('its services have ended')
    }
  }
  const look = (): void => {
    read()
    if (host?.up === true && up?.opened === Infinity) up.opened = time.now()
    if (host !== undefined && (!host.clock.alive || host.broken))
      crash(host.broken ? 'its store failed' : 'a step kills it')
  }
  const passing = createPassing(time, proof, look)
  const { pass } = passing
  boot()
  const crashesAt = Array.from({ length: 1 + draw.below(3) }, () => begin + 1_000 + draw.below(150_000))
  for (const at of crashesAt.toSorted((a, b) => a - b)) {
    await pass(at)
    crash('at random')
  }
  await pass(begin + 180_000)
  calm = true
  Object.assign(faults, { failBefore: 0, failAfter: 0, powerCut: 0, failRead: 0 })
  say('faults cease')
  await pass(time.now() + calmFor)
  if (proof.breach === undefined) {
    lives?.judge()
    ticks.judge(time.now() - 60_000)
    lives?.stopping()
    await passing.stop(host)
  }
  passing.close()
  const { breach, hits } = proof
  return {
    seed,
    breach: breach === undefined ? undefined : { invariant: breach.invariant, message: breach.message },
    hits,
    chains: shape.schedules.length,
    runs: watch.runs.runs.size,
    events: contents.journal.length,
    crashes,
    steps: time.steps,
    features: [...new Set(featuresOf(shape))],
  }
}

function* featuresOf({ groups, schedules }: ReturnType<typeof drawStanding>): Generator<string> {
  yield 'a world that stands'
  for (const { strategy } of groupsOf(groups)) yield `services: ${strategy}`
  for (const { restart, needs, threshold, backsOff } of servicesOf(groups)) {
    yield `services: ${restart}`
    if (needs.length > 0) yield 'services: needs'
    if (threshold !== undefined) yield 'services: probe'
    if (backsOff) yield 'services: backoff'
  }
  for (const { overlap, catchUp, cron, jitter, ready } of schedules) {
    yield `schedule: overlap ${overlap}`
    yield `schedule: catchUp ${catchUp}`
    yield cron === undefined ? 'schedule: every' : 'schedule: cron'
    if (jitter > 0) yield 'schedule: jitter'
    if (ready !== undefined) yield 'schedule: needs a service'
  }
}
