// The invariants of a simulation: what must hold, how often each was put to the test, and how one is broken.

export const invariants = {
  seq: 'the journal is consecutive',
  published: 'events$ is the committed journal, in order',
  accepted: 'an accepted run is never lost',
  ends: 'every accepted run ends, or is parked loudly, once faults cease',
  answered: 'every command to a living process is answered',
  terminal: 'a run and each of its chains end once, and nothing follows',
  output: 'an effect waits for its committed start',
  handed: 'a body is handed what was returned, and nothing else',
  once: 'no attempt runs twice, and no committed step again',
  outcome: 'the first outcome of an attempt is the only one; late ones are recorded apart',
  attempts: 'attempts never exceed their number, lost ones apart',
  verdict: 'a chain begins, is skipped or blocked only as its rule says',
  slots: 'the pool of slots is never exceeded',
  config: 'every change of the config is one version, which each attempt records that begins under it',
  idle: 'no slot is left taken at the end',
  groups: 'a concurrency group is never exceeded',
  signals: 'a signal is received and consumed at most once, in order',
  accepts: 'a signal that was answered is in the journal',
  replies: 'who asks is answered what the step replies, as often as the same is asked',
  inbox: 'what a client left in the inbox is carried out once there is an executor',
  paused: 'a paused run starts no attempt',
  undone: 'what began is undone once, in the reverse of the order in which it began',
  rows: 'rows of the host and the outcomes of the steps that write them are one to one, at every moment',
  reused: 'an output is used again only for the same step or chain, for equal keys, and within its time',
  again: 'what is memoised does not run again while its output holds',
  timers: 'no timer fires before it is due',
  wakes: 'a waiting head wakes no later than its run must',
  fold: 'the fold of the journal takes every event, and is where the run is',
  retried: 'a retried run lives again, and keeps what was committed and still holds',
  forked: 'a fork begins with the history of its run, and leaves that as it is',
  word: 'what a run is said to wait for is what then moves it',
  health: "what is said of a chain's health is what its executions came to",
  held: 'a chain that the config holds back does not begin, and no run of a quarantined one is accepted',
  dropped: 'a need that the config has dropped is in no plan made since, and every other is',
  hopeless: 'what the config says is of no use to retry is not retried',
  narrow: 'no more items of an each are in flight than the config allows',
  lives: 'a service has one life at a time, and none begins as all are to stop',
  needed: 'a service begins only once those that it needs are ready',
  strategy: 'a restart takes along whom its strategy says',
  intensity: 'a group restarts no more often than its intensity allows',
  stopped: 'services stop in the reverse of the order in which they start',
  probed: 'only what lives is asked whether it does, and what fails too often does not go on',
  kept: 'what is to live for ever lives, once nothing fails any more',
  readied: 'a chain that needs a service begins only while that is ready',
  tick: 'each tick of a schedule starts at most one run, and none before it is due',
  overlap: 'runs of a schedule that may not overlap do not',
  'caught-up': 'a tick that nobody attended starts a run only where it is to be caught up',
  missed: 'no tick is missed that must start a run',
  deed: 'an action of the analyzer is taken once for its cause, and comes to its end',
  'held-back': 'what is held back does not begin',
  released: 'what was held back is free once that is over',
  opposed: 'no action is taken against another that is in force',
  persons: 'what a person says or takes back goes before what is done by itself',
  arm: 'a run is drawn for one arm of one trial that goes on, once',
  trial: 'a trial comes to its end, and leaves nothing of what it tried where it was not kept',
  harm: 'a change that does harm is not kept',
  applied: 'what the config says, and what a trial tries, is what its runs run under',
  stray: 'no error escapes the engine into its host',
  faults: 'the engine fails only where the store did',
} as const

export type Invariant = keyof typeof invariants

/** A broken invariant; ends the simulation of its seed. */
export class Breach extends Error {
  override readonly name = 'Breach'
  readonly invariant: Invariant

  constructor(invariant: Invariant, detail: string) {
    super(`${invariants[invariant]}: ${detail}`)
    this.invariant = invariant
  }
}

export interface Proof {
  readonly hits: Readonly<Record<Invariant, number>>
  /** The first that was broken. */
  readonly breach: Breach | undefined
  /** Does something that checks again what was checked before, without counting it. */
  quietly(work: () => void): void
  /** Counts that `invariant` was put to the test, and notes where it does not hold. */
  check(invariant: Invariant, holds: boolean, detail: () => string): void
}

export function createProof(): Proof {
  const hits = Object.fromEntries(Object.keys(invariants).map((name) => [name, 0])) as Record<
    Invariant,
    number
  >
  let breach: Breach | undefined
  let quiet = false
  return {
    hits,
    get breach() {
      return breach
    },
    quietly(work) {
      quiet = true
      try {
        work()
      } finally {
        quiet = false
      }
    },
    check(invariant, holds, detail) {
      if (quiet) return
      hits[invariant]++
      if (!holds) breach ??= new Breach(invariant, detail())
    },
  }
}
