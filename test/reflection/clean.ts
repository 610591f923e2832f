// Histories in which nothing is to be changed, though much of it looks as if there were: drawn by seed, without the engine.

import { createRandom } from '../../src/kernel/random.ts'
import { freshGoing } from '../../src/observe/chain-record.ts'
import type { AttemptRecord, ChainRecord, RunRecord } from '../../src/observe/run-record.ts'
import type { Evidence } from '../../src/reflection/evidence.ts'
import type { DeclaredChain, DeclaredStep } from '../../src/reflection/tunables.ts'

type Random = () => number
type Write<T> = { -readonly [K in keyof T]: T[K] }

/** How a step behaves, which nobody is told. */
interface Nature {
  readonly median: number
  readonly sigma: number
  /** A share of the calls takes ten times as long, and ends. */
  readonly slow: number
  readonly hangs: number
  readonly fails: number
  /** Of its failures, the share that a retry makes good. */
  readonly mends: number
  /** Of its outputs for a known input, the share that differs. */
  readonly differs: number
  readonly step: DeclaredStep
}

export const families = [
  'nothing at all',
  'load by the time of day',
  'long tails',
  'a mix of inputs that shifts',
  'rare failures',
  'calls that hang',
  'an outage',
  'outputs that hardly ever differ',
  'outputs that are hardly ever read',
  'steps that slow each other down',
] as const
type Family = (typeof families)[number]

/** Of two such seeds, no two numbers in common. */
export function cleanHistory(seed: number, runs = 400): Evidence & { readonly family: Family } {
  const random = createRandom(seed)
  const family = families[seed % families.length] ?? families[0]
  const chains = drawChains(random, family)
  const concurrency = 4 + Math.floor(random() * 12)
  let now = 1_700_000_000_000
  let seq = 0
  const next = (): number => ++seq
  const begun = now
  const records: RunRecord[] = []
  for (let index = 0; index < runs; index++) {
    const daily = family === 'load by the time of day' ? 1 + 0.9 * Math.sin((index / runs) * 12) : 1
    now += (-5000 * Math.log(1 - random())) / daily
    const at = Math.round(now)
    const shifted = family === 'a mix of inputs that shifts' && random() < index / runs
    const run = {
      index,
      at,
      shifted,
      out: family === 'an outage' && index > runs * 0.5 && index < runs * 0.62,
    }
    records.push(drawRun(random, { family, chains, concurrency, next, busy: daily }, run))
  }
  return {
    family,
    records,
    declaration: { chains: chains.map(({ declared }) => declared) },
    config: { version: 0, concurrency, steps: {}, limiters: {}, edges: {} },
    now: Math.round(now) + 60_000 + (begun > now ? 1 : 0),
    seed,
  }
}

interface Chain {
  readonly declared: DeclaredChain
  readonly natures: readonly Nature[]
  /** How often the need of that place is read. */
  readonly reads: readonly number[]
}

function drawChains(random: Random, family: Family): readonly Chain[] {
  const between = (low: number, high: number): number => low + random() * (high - low)
  const one = <T>(...of: readonly T[]): T => of[Math.floor(random() * of.length)] as T
  const chains: Chain[] = []
  for (let at = 0; at < one(1, 2, 3); at++) {
    const pure = random() < 0.5
    const natures = Array.from({ length: one(3, 4, 5) }, (_, index): Nature => {
      const median = between(60, 140)
      const sigma = family === 'long tails' ? between(0.5, 0.9) : between(0.1, 0.4)
      const attempts = one(1, 3, 5)
      const hanging = family === 'calls that hang'
      // as loose as the tail asks for, or so loose that it does not matter, as nothing hangs
      const p99 = median * Math.exp(2.33 * sigma)
      const timeout = hanging ? p99 * between(1.8, 3.5) : one(undefined, p99 * between(3, 100))
      const differing = family === 'outputs that hardly ever differ'
      return {
        median,
        sigma,
        slow: family === 'long tails' ? between(0, 0.03) : 0,
        hangs: hanging ? between(0, 0.06) : 0,
        fails: family === 'rare failures' ? between(0, 0.3) : between(0, 0.02),
        mends: between(0.2, 1),
        differs: differing ? between(0.01, 0.05) : 0,
        step: {
          name: `s${index}`,
          kind: 'step',
          attempts,
          backoff: { initial: 50, factor: 2, max: 1000, jitter: 'none' },
          ...(timeout === undefined ? {} : { timeout: Math.round(timeout) }),
          ...(differing || pure ? { pure: true } : {}),
        },
      }
    })
    const needs = chains.map(({ declared }) => ({ name: declared.id, chain: declared.id, kind: 'hard' }))
    const steps = natures.map(({ step }) => step)
    chains.push({
      natures,
      // what does not say what it does may be needed for that, though nobody reads it
      reads: chains.map((need) =>
        family !== 'outputs that are hardly ever read'
          ? 1
          : need.declared.steps[0]?.pure === true
            ? between(0.05, 0.5)
            : 0,
      ),
      declared: {
        id: `c${at}`,
        version: `v${at}`,
        when: 'all_success',
        needs,
        steps,
        entries: steps.map(({ name }) => ({ kind: 'step', name })),
      },
    })
  }
  return chains
}

interface Place {
  readonly family: Family
  readonly chains: readonly Chain[]
  readonly concurrency: number
  readonly busy: number
  next(): number
}

interface Drawn {
  readonly index: number
  readonly at: number
  readonly shifted: boolean
  readonly out: boolean
}

function drawRun(random: Random, place: Place, { index, at, shifted, out }: Drawn): RunRecord {
  const { chains, next } = place
  const firstSeq = next()
  const records = new Map<string, ChainRecord>()
  // what is pure and given the same again is to be kept, unless it is not so pure
  const repeats = place.family === 'outputs that hardly ever differ'
  const input = repeats ? Math.floor(random() * 20) : index
  let now = at
  let failed = false
  for (const { declared, natures, reads } of chains) {
    const needs = declared.needs.map(({ name, chain }) => ({ name, key: chain, kind: 'hard' as const }))
    const chain: Write<ChainRecord> = {
      key: declared.id,
      chain: declared.id,
      version: declared.version,
      needs,
      rule: 'all_success',
      ready: [],
      call: undefined,
      readyAt: now,
      startedAt: failed ? undefined : now,
      endedAt: now,
      status: failed ? 'upstream_failed' : 'succeeded',
      failure: undefined,
      step: undefined,
      memo: false,
      copied: undefined,
      waits: [],
      attempts: [],
      inputHash: String(input),
      outputHash: undefined,
      outputSize: 0,
      reads: [],
      going: freshGoing(),
    }
    for (const [number, nature] of natures.entries()) {
      if (failed) break
      const ended = drawStep(random, place, { nature, chain, now, input: `${number} ${input}`, shifted, out })
      now = ended.now
      failed = !ended.ok
    }
    if (chain.startedAt !== undefined) {
      chain.status = failed ? 'failed' : 'succeeded'
      for (const [number, share] of reads.entries())
        if (random() < share) chain.reads.push(declared.needs[number]?.name ?? '')
    }
    chain.endedAt = now
    records.set(chain.key, chain)
  }
  return {
    run: `run-${index}`,
    targets: [chains.at(-1)?.declared.id ?? ''],
    acceptedAt: at,
    endedAt: now,
    firstSeq,
    lastSeq: next(),
    status: failed ? 'failed' : 'succeeded',
    priority: 0,
    config: 0,
    arm: undefined,
    attributes: place.family === 'a mix of inputs that shifts' ? { size: shifted ? 'large' : 'small' } : {},
    origin: undefined,
    inputHash: String(input),
    failures: [],
    chains: records,
    retries: 0,
    pausedMs: 0,
    heldSince: undefined,
    dependents: new Map(),
    size: 0,
    dropped: 0,
    copying: 0,
  }
}

interface Step {
  readonly nature: Nature
  readonly chain: ChainRecord
  readonly now: number
  readonly input: string
  readonly shifted: boolean
  readonly out: boolean
}

function drawStep(random: Random, place: Place, of: Step): { readonly now: number; readonly ok: boolean } {
  const { nature, chain, input, shifted, out } = of
  const { step, median, sigma } = nature
  const gauss = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const most = step.attempts ?? 1
  let { now } = of
  for (let number = 1; number <= most; number++) {
    // now and then it waits a little for its slot, and is one of more or less in flight
    const slot = random() < 0.15 ? Math.round(random() * 40) : 0
    const inFlight = slot > 0 ? place.concurrency : 1 + Math.floor(random() * place.concurrency)
    const shared = place.family === 'steps that slow each other down' ? 1 + inFlight / 3 : 1
    const slow = random() < nature.slow ? 10 : 1
    const would = Math.max(
      1,
      Math.round(median * Math.exp(sigma * gauss) * slow * shared * (shifted ? 2 : 1)),
    )
    const hung = random() < nature.hangs
    const limit = step.timeout ?? Infinity
    const cut = hung || would > limit
    if (cut && limit === Infinity) return { now, ok: true }
    const took = cut ? limit : would
    const broken =
      !cut &&
      (out ||
        random() <
          (number === 1 ? nature.fails : 1 - nature.mends) * (number === 1 ? 1 : Number(nature.fails > 0)))
    const ok = !cut && !broken
    const startedAt = now + slot
    const record: AttemptRecord = {
      seq: place.next(),
      step: step.name,
      part: undefined,
      item: undefined,
      attempt: number,
      enqueuedAt: now,
      waits: slot > 0 ? [{ for: 'slot', ms: slot }] : [],
      startedAt,
      endedAt: startedAt + took,
      endSeq: place.next(),
      took,
      outcome: ok ? 'succeeded' : 'failed',
      failure: ok
        ? undefined
        : {
            kind: cut ? 'timeout' : 'thrown',
            class: cut ? 'timeout' : 'E_BUSY',
            message: '',
            retryable: true,
          },
      next: ok ? undefined : number < most ? 'retry' : 'fail',
      backoff: ok || number === most ? undefined : 50 * 2 ** (number - 1),
      late: undefined,
      memo: false,
      hedged: 0,
      inFlight,
      config: 0,
      inputHash: input,
      outputHash: ok ? `${input}${random() < nature.differs ? ' otherwise' : ''}` : undefined,
      outputSize: 1,
      rewound: false,
      copied: false,
    }
    chain.attempts.push(record)
    now = startedAt + took + (record.backoff ?? 0)
    if (ok) return { now, ok }
  }
  return { now, ok: false }
}
