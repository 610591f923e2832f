// One seed of the simulation of what the watchers do: chains that turn sick and well, actions, trials and people at once,
// over crashes, deploys and hand-overs, checked event by event.

import { toEvent } from '../../../src/journal/encoding.ts'
import { createMemoryContents } from '../../../src/journal/memory-contents.ts'
import { createRandom } from '../../../src/kernel/random.ts'
import { createAsks } from '../../../src/testing/simulation/asks.ts'
import { drawFrom } from '../../../src/testing/simulation/draw.ts'
import { createClient, type Host, startHost } from '../../../src/testing/simulation/host.ts'
import { createProof } from '../../../src/testing/simulation/proof.ts'
import { createSeededTime, type ProcessClock } from '../../../src/testing/simulation/seeded-time.ts'
import { shareStore } from '../../../src/testing/simulation/shared-store.ts'
import type { SimulationOptions, SimulationResult } from '../../../src/testing/simulation/simulate.ts'
import { createWatch } from '../../../src/testing/simulation/watch.ts'
import { drawFaults } from '../../../src/testing/simulation/weather.ts'
import { createPassing } from '../passing.ts'
import { createAgenda } from './agenda.ts'
import { deploy } from './build.ts'
import { foldConfig } from './config-fold.ts'
import { createDeedWatch } from './deed-watch.ts'
import { loadedCoin } from './loaded-coin.ts'
import { createNature } from './nature.ts'
import { createPeople } from './people.ts'
import { drawWatched, shapesOf } from './shape.ts'
import { createTrialWatch } from './trial-watch.ts'
import { allTried, suggestionsOf } from './tried.ts'
import { createTuningWatch } from './tuning-watch.ts'
import { foldVariants } from './variants.ts'

const start = Date.UTC(2026, 0, 1)

export async function simulateWatched(
  seed: number,
  { narrate, event: hear }: SimulationOptions = {},
): Promise<SimulationResult> {
  const random = createRandom(seed)
  const draw = drawFrom(random)
  const shape = drawWatched(draw)
  const time = loadedCoin(createSeededTime(start + draw.below(100_000), random), shape.tries)
  const begin = time.now()
  const contents = createMemoryContents()
  const proof = createProof()
  const faults = drawFaults(draw)
  const tuned = { concurrency: shape.concurrency, hibernateAfter: draw.pick([0, 100_000]) }
  const { compiled } = deploy(shape.family, 1)
  const shapes = shapesOf(shape.family)
  /** Of what the watch of all worlds reads, which goes ahead. */
  const ahead = foldConfig(tuned)
  const variantsAhead = foldVariants(ahead)
  const watch = createWatch(contents, shapes, compiled, {
    proof,
    variants: {
      of: variantsAhead.of,
      see(event) {
        ahead.see(event)
        variantsAhead.see(event)
      },
    },
    base: tuned,
    health: false,
    rows: new Map(),
    readable: faults.failRead === 0,
  })
  const config = foldConfig(tuned)
  const deeds = createDeedWatch(proof, shape, config)
  const trials = createTrialWatch(proof, shape, config)
  const variants = foldVariants(config)
  const tuning = createTuningWatch(proof, shape, { config, trials, variants })
  const sick = new Set<string>()
  const found = [...allTried.keys()].filter((id) => (id !== 'apart' || shape.family.waits) && draw.likely(40))
  const tests = draw.likely(50)
  const features = new Set<string>(['a world that is watched'])
  let version = 1
  let calm = false
  let host: Host | undefined
  let next: Host | undefined
  let crashes = 0
  let told = 0
  let isUp = false

  const base = {
    time,
    contents,
    faults,
    ...tuned,
    proof,
    watch,
    temper: {
      seed,
      throws: draw.pick([0, 0, 3]),
      slow: draw.pick([0, 10]),
      stubborn: 0,
      fatal: draw.pick([0, 0, 1]),
      unfit: 0,
    },
    calm: () => calm,
    ran: new Map<string, number>(),
    store: shareStore({
      contents,
      time,
      soon: () => draw.below(200),
      rows: new Map(),
      isLocked: () => false,
    }),
    app: (clock: ProcessClock) => ({ nature: createNature(seed, clock, sick) }),
    options: {
      poison: { after: 2 },
      retryBudget: { ratio: 1, minimum: 1_000 },
      analyze: {
        policy: shape.policy,
        every: shape.every,
        check: shape.check,
        hold: shape.hold,
        rest: shape.rest,
      },
      reflect: {
        ...shape.reflect,
        suggest: ({ config: { version: now } }: { readonly config: { readonly version: number } }) =>
          suggestionsOf(found, now, tests),
      },
    },
  } as const
  const say = (line: string): void => narrate?.(`${time.now() - begin} ${line}`)
  const chains = () => deploy(shape.family, version).chains
  const begun = (standsBy: boolean): Host => startHost({ ...base, chains: [...chains().values()], standsBy })
  const boot = (): void => {
    if (host !== undefined) return
    say(`a process starts, version ${version}`)
    host = begun(false)
  }
  const crash = (why: string): void => {
    if (host === undefined) return
    host.kill()
    crashes++
    say(`the process dies: ${why}`)
    host = next
    next = undefined
    isUp = false
    asks.died()
    if (host !== undefined) return say('another takes over')
    time.at(time.now() + 1 + draw.below(draw.pick([50, 3_000, 90_000])), boot)
  }
  const executor = (): Host | undefined => (host?.up === true ? host : undefined)
  const client = await createClient({ time, chains: [...chains().values()], store: base.store() })
  const anyone = (): Host | undefined => {
    if (draw.likely(15)) return client
    return next?.up === true && draw.likely(50) ? next : executor()
  }
  const asks = createAsks(proof, anyone, say)
  const people = createPeople({
    asks,
    draw,
    proof,
    watch,
    chains,
    executor,
    found,
    waits: shape.family.waits,
  })
  const leave = (): void => {
    const leaving = host
    if (leaving === undefined) return
    const stopped = (): void => {
      if (host === leaving) crash('restarted')
    }
    asks.ask(
      'stop',
      async ({ supervisor }) => supervisor?.stop({ drain: draw.pick([0, 5_000]) }),
      stopped,
      leaving,
    )
  }
  const agenda = createAgenda({
    draw,
    time,
    tries: shape.tries,
    people,
    turn(chain) {
      if (!sick.delete(chain)) sick.add(chain)
      say(`${chain} is ${sick.has(chain) ? 'sick' : 'well'}`)
    },
    crash: () => crash('at random'),
    deploy() {
      version++
      features.add('another version is deployed')
      if (draw.likely(50)) crash('deployed')
      else leave()
    },
    handOver() {
      if (host === undefined || next !== undefined) return
      features.add('another process stands by')
      say('another process stands by')
      if (draw.likely(30)) version++
      next = begun(true)
      time.at(time.now() + draw.below(3_000), leave)
    },
  })
  const read = (): void => {
    watch.catchUp()
    for (let row = contents.journal[told]; row !== undefined; row = contents.journal[++told]) {
      const event = toEvent(row)
      narrate?.(`${time.now() - begin}   ${row.seq} ${row.type} ${row.run} ${row.body} ${row.payload ?? ''}`)
      hear?.(event)
      config.see(event)
      deeds.see(event)
      trials.see(event)
      variants.see(event)
      tuning.see(event)
    }
  }
  const look = (): void => {
    if (!isUp && host?.up === true) {
      isUp = true
      deeds.up(time.now())
      trials.up(time.now())
    }
    read()
    if (host !== undefined && (!host.clock.alive || host.broken))
      crash(host.broken ? 'its store failed' : 'a step kills it')
  }
  const passing = createPassing(time, proof, look)
  const { pass } = passing
  boot()
  await pass(agenda.schedule())
  calm = true
  sick.clear()
  Object.assign(faults, { failBefore: 0, failAfter: 0, powerCut: 0, failRead: 0 })
  if (crashes === 0) crash('once at least')
  say('faults cease')
  await pass(time.now() + 120_000)
  people.tidy()
  people.endTrials()
  for (let n = 0; n < 4; n++) {
    agenda.trickle()
    await pass(time.now() + shape.hold / 2)
    people.endTrials()
  }
  // nothing begins any more that could be a reason for something, but a look may find one in what was
  for (let looks = 0; looks < 3; looks++) {
    await pass(time.now() + 2 * shape.every + shape.rest)
    await pass(Math.max(time.now(), deeds.until()))
  }
  people.endTrials()
  await pass(time.now() + 10_000)
  if (proof.breach === undefined) {
    deeds.judge()
    trials.judge()
    for (const [id, { ended, parked }] of watch.runs.runs)
      proof.check('ends', ended !== undefined || parked !== undefined, () => `${id} has not ended`)
    await passing.stop(host)
  }
  passing.close()
  for (const kind of deeds.taken.keys()) features.add(`action: ${kind}`)
  for (const end of trials.ended) features.add(end)
  const { breach, hits } = proof
  return {
    seed,
    breach: breach === undefined ? undefined : { invariant: breach.invariant, message: breach.message },
    hits,
    chains: shapes.size,
    runs: watch.runs.runs.size,
    events: contents.journal.length,
    crashes,
    steps: time.steps,
    features: [...features],
  }
}
