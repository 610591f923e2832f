// Holds what the analyzer says of each chain's health against a recount of what its bodies did, and of how it ended.

import { createEvidence } from '../../analysis/evidence.ts'
import { evaluate } from '../../analysis/evaluate.ts'
import type { Report } from '../../analysis/report.ts'
import type { ChainHealth } from '../../analysis/report-times.ts'
import type { JournalEvent } from '../../journal/event.ts'
import { counting } from '../../journal/rewound.ts'
import { attemptPath } from './attempt-watch.ts'
import type { Proof } from './proof.ts'
import { type ChainShape, walkShapes } from './shape.ts'

export interface HealthWatch {
  see(event: JournalEvent): void
  /** A body came to its end; `key` is its attempt's idempotency key. */
  performed(key: string, came: 'returned' | 'threw'): void
  /** Makes a report as of now, and holds it against the recount. */
  judge(now: number): void
}

type Ended = JournalEvent & { readonly type: 'chain.ended' }

/** One chain of one run that came to an end of its own. */
interface Counted {
  readonly event: Ended
  readonly chain: string
  readonly accepted: number
  readonly forked: boolean
}

/** What may fail where no objective says, and how many executions without a failure it takes to show that (Wilson, 90 %). */
const allowed = 0.05
const leastForOk = 52
const lately = 20
const most = 200

export function createHealthWatch(
  proof: Proof,
  shapes: ReadonlyMap<string, ChainShape>,
  histories: ReadonlyMap<string, readonly JournalEvent[]>,
): HealthWatch {
  const evidence = createEvidence()
  const bodies = new Map<string, Set<string>>()

  const did = (place: string, came: 'returned' | 'threw'): boolean => bodies.get(place)?.has(came) === true

  const performed: HealthWatch['performed'] = (key, came) => {
    // of an item, also for its step
    const [run = '', ...rest] = key.split('/')
    for (let length = 1; length <= rest.length; length++) {
      const place = [run, ...rest.slice(0, length)].join('/')
      const known = bodies.get(place)
      if (known === undefined) bodies.set(place, new Set([came]))
      else known.add(came)
    }
  }

  const recount = (): ReadonlyMap<string, readonly Counted[]> => {
    const found = new Map<string, Counted[]>()
    for (const [run, events] of histories) {
      if (run === '' || run.startsWith('~')) continue
      for (const one of endsOf(events)) {
        const known = found.get(one.chain)
        if (known === undefined) found.set(one.chain, [one])
        else known.push(one)
      }
    }
    for (const all of found.values())
      all.sort((a, b) => a.event.at - b.event.at || a.accepted - b.accepted || a.event.seq - b.event.seq)
    return found
  }

  /** Whether it ended so by what its bodies did, as far as they tell. */
  const holdBodies = ({ event, chain, forked }: Counted): void => {
    const shape = shapes.get(chain)
    // what was copied ran elsewhere
    if (shape === undefined || shape.guest !== undefined || forked) return
    const place = (step: string): string => `${event.run}/${event.chain}/${step}`
    if (event.status === 'succeeded')
      for (const entry of shape.entries)
        if (entry.kind === 'step' && !entry.fallback)
          proof.check(
            'health',
            did(place(entry.name), 'returned'),
            () => `${chain} of ${event.run} counts as well, but ${entry.name} never returned`,
          )
    const at = [...walkShapes(shape.entries)].find(({ name }) => name === event.step)
    const own = at?.kind === 'step' || (at?.kind === 'each' && at.chain === undefined)
    if (event.status === 'failed' && event.failure?.kind === 'thrown' && own)
      proof.check(
        'health',
        // its substitute, where it had one
        did(place(at.name), 'threw') || did(place(`${at.name}:fallback`), 'threw'),
        () => `${chain} of ${event.run} counts as failed by ${at.name}, which never threw`,
      )
  }

  const hold = (said: ChainHealth, all: readonly Counted[]): void => {
    const { state, cause, confidence, evidence: on } = said
    const seen = all.slice(-most)
    const failures = seen.filter(({ event }) => event.status === 'failed')
    const [n, failed] = [seen.length, failures.length]
    const claim = (holds: boolean, why: string): void =>
      proof.check(
        'health',
        holds,
        () =>
          `of "${said.chain}" it is said: ${JSON.stringify(said)}; but ${why}: ${failed} of ${n} failed by themselves, ${seen.map(({ event }) => `${event.run}/${event.chain} ${event.status} ${event.seq}`).join(', ')}`,
      )
    claim(on.runs === n && on.failed === failed, 'it was counted otherwise')
    const last = seen.slice(-lately)
    const lastFailed = last.filter(({ event }) => event.status === 'failed').length
    const isMore = tail(failed, n) <= level || tail(lastFailed, last.length) <= level
    if (state === 'failing' || state === 'degraded') {
      claim(failed > 0, 'nothing failed')
      claim(isMore, 'that may be chance')
      claim((state === 'failing') === lastFailed * 2 >= last.length, 'the last ones say otherwise')
    } else {
      claim(!(tail(failed, n) <= surely && tail(lastFailed, last.length) <= surely), 'it fails beyond doubt')
      claim(state !== 'ok' || (n >= leastForOk && failed / n <= allowed), 'too little was seen')
      claim(state !== 'unknown' || confidence === 0, 'nobody can be sure of what is unknown')
    }
    const told = /(\d+) of its last (\d+) executions failed/.exec(cause)
    if (told !== null)
      claim(Number(told[1]) === failed && Number(told[2]) === n, 'its sentence says otherwise')
    if (n > 0) claim(!cause.startsWith('it has not run'), 'it has run')
    holdRoot(on.root, failures, claim)
  }

  const holdRoot = (
    root: ChainHealth['evidence']['root'],
    failures: readonly Counted[],
    claim: (holds: boolean, why: string) => void,
  ): void => {
    claim((root === undefined) === (failures.length === 0), 'a failure has a beginning')
    if (root === undefined) return
    const there = failures.filter(({ event }) => (event.step ?? '') === (root.step ?? ''))
    claim(there.length >= root.count, 'fewer began there')
    claim(
      there.some(({ event }) => event.failure?.message === root.message),
      'none began with that',
    )
    const steps = Map.groupBy(failures, ({ event }) => `${event.step} ${event.failure?.kind}`)
    claim(
      root.count * classes(there) >= Math.max(...[...steps.values()].map((of) => of.length / classes(of))),
      'more began elsewhere',
    )
  }

  const holdBlocked = ({ chain, cause }: ChainHealth, all: ReadonlyMap<string, readonly Counted[]>): void => {
    const by = /^it has not run: "(.+)", which it needs, failed$/.exec(cause)?.[1]
    if (by === undefined) return
    // a person may have retried it since
    const ever = [...histories.values()].some((events) =>
      events.some(
        (event) => event.type === 'run.ended' && event.failures.some((root) => root.chain.startsWith(by)),
      ),
    )
    const now = all.get(by)?.some(({ event }) => event.status === 'failed') === true
    proof.check('health', ever || now, () => `"${chain}" is said to wait for "${by}", which never failed`)
  }

  return {
    see(event) {
      evidence.apply(event)
      // its function was called elsewhere
      if (event.type === 'attempt.succeeded' && event.memo !== undefined)
        performed(attemptPath(event.run, event), 'returned')
    },
    performed,

    judge(now) {
      const all = recount()
      const report = reportOf(evidence, now)
      for (const of of all.values()) for (const one of of) holdBodies(one)
      for (const said of report.health) {
        hold(said, all.get(said.chain) ?? [])
        holdBlocked(said, all)
      }
      for (const [chain] of all)
        proof.check(
          'health',
          report.health.some((said) => said.chain === chain),
          () => `nothing is said of "${chain}"`,
        )
    },
  }
}

/** As unlikely as that it may be called chance, and so unlikely that it may not. */
const level = 0.05 + 1e-9
const surely = 0.001

/** How likely so many failures or more are where each fails by what is allowed: summed, not approximated. */
function tail(failed: number, n: number): number {
  let sum = 0
  let term = (1 - allowed) ** n
  for (let k = 0; k < failed; k++) {
    sum += term
    term *= ((n - k) / (k + 1)) * (allowed / (1 - allowed))
  }
  return 1 - sum
}

function classes(failures: readonly Counted[]): number {
  return new Set(failures.map(({ event }) => `${event.failure?.kind} ${event.failure?.message}`)).size
}

function reportOf(evidence: Parameters<typeof evaluate>[0], now: number): Report {
  const slices = evaluate(evidence, { now })
  for (;;) {
    const { done, value } = slices.next()
    if (done === true) return value
  }
}

/** What a run's chains came to by themselves; what was copied from another run, or taken from a memo, did not run here. */
function* endsOf(events: readonly JournalEvent[]): Generator<Counted> {
  const [accepted] = events
  if (accepted?.type !== 'run.accepted') return
  const copied = new Set(events.slice(1, 1 + (accepted.origin?.copied ?? 0)))
  const chains = new Map(accepted.plan.map(({ key, chain }) => [key, chain]))
  for (const event of events)
    if (event.type === 'chain.started' && event.call !== undefined)
      chains.set(event.chain, event.of ?? event.chain)
  for (const event of counting(events)) {
    if (event.type !== 'chain.ended' || event.memo !== undefined || copied.has(event)) continue
    if (event.status !== 'succeeded' && event.status !== 'failed') continue
    yield {
      event,
      chain: chains.get(event.chain) ?? event.chain,
      accepted: accepted.seq,
      forked: accepted.origin !== undefined,
    }
  }
}
