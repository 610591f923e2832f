// The end of a simulation: what only a person can do is done, then every run must have ended and nothing be left.

import type { Asks } from './asks.ts'
import type { Commands } from './commands.ts'
import type { Host } from './host.ts'
import type { Proof } from './proof.ts'
import type { SeededTime } from './seeded-time.ts'
import type { Watch } from './watch.ts'

export interface ClosingOptions {
  readonly asks: Asks
  readonly commands: Commands
  /** Whether nothing more will be asked. */
  readonly over: () => boolean
  readonly time: SeededTime
  readonly proof: Proof
  readonly watch: Watch
  readonly host: () => Host | undefined
  /** How many commands lie in the inbox. */
  readonly inbox: () => number
  /** Whether a chain is a machine of the user's own. */
  readonly isGuest: (chain: string) => boolean
}

export interface Closing {
  allEnded(): boolean
  /** Once no run can end any more: a person cancels some of the dead letters. @returns whether there was one. */
  giveUp(): boolean
  /** Once all runs have ended or are given up: a person retries some, once. @returns whether there was one. */
  tryAgain(): boolean
  /** Resumes and signals the runs that stand still; false where nothing can be done. */
  nudge(): boolean
  /** Stops the process and draws up the balance. */
  conclude(step: () => Promise<boolean>): Promise<void>
}

const mostNudges = 40

export function createClosing({
  asks,
  commands,
  over,
  time,
  proof,
  watch,
  host,
  inbox,
  isGuest,
}: ClosingOptions): Closing {
  let nudges = 0
  const cancelled = new Set<string>()
  const open = (): string[] =>
    [...watch.runs.runs].flatMap(([id, { ended, parked }]) =>
      ended === undefined && (parked !== 'dead-letter' || cancelled.has(id)) ? [id] : [],
    )
  const giveUp: Closing['giveUp'] = () => {
    if (open().length > 0) return false
    const before = cancelled.size
    for (const [index, [id, { ended, parked }]] of [...watch.runs.runs].entries()) {
      if (ended !== undefined || parked === undefined || index % 2 === 0 || cancelled.has(id)) continue
      cancelled.add(id)
      commands.cancel(id)
    }
    return cancelled.size > before
  }
  const retried = new Set<string>()
  const tryAgain: Closing['tryAgain'] = () => {
    if (open().length > 0) return false
    const before = retried.size
    for (const [index, [id, { ended }]] of [...watch.runs.runs].entries()) {
      if (ended === undefined || ended === 'succeeded' || index % 3 !== 0 || retried.has(id)) continue
      retried.add(id)
      commands.retry(id)
    }
    return retried.size > before
  }
  const describe = (id: string): string => {
    const fold = watch.folds.fold(id)
    const nodes = [...(fold?.state.nodes.values() ?? [])].map(({ key, status }) => `${key} ${status}`)
    const states = [...(fold?.chains ?? [])].map(
      ([key, { snapshot }]) => `${key} in ${JSON.stringify(snapshot.value)}`,
    )
    return `${id}: ${[...nodes, ...states].join('; ')}`
  }
  /** @returns whether anything could be done for the run. */
  const help = (id: string): boolean => {
    const paused = watch.runs.runs.get(id)?.paused === true
    const chains = [...(watch.folds.fold(id)?.chains.values() ?? [])]
    const names = chains.flatMap(({ snapshot }) =>
      Object.keys(snapshot.children).filter((name) => name.startsWith('wait')),
    )
    const nodes = [...(watch.runs.runs.get(id)?.nodes ?? [])]
    const guests = nodes.filter(([, { chain, status }]) => status === 'running' && isGuest(chain))
    for (const [key] of guests) commands.send(id, 'GO', `${key}-nudge-${nudges}`, key)
    if (paused) commands.resume(id)
    for (const name of names) {
      const key = `${name}-nudge-${nudges}`
      // a question delivers as well, but not to a step that gives no reply
      commands.ask(id, name, key)
      commands.ask(id, name, key)
      commands.signal(id, name, key)
    }
    return paused || names.length > 0 || guests.length > 0
  }
  const compare = (id: string): void => {
    const ended = watch.folds.fold(id)?.state.ended
    if (ended === undefined) return
    asks.ask(
      `settled ${id}`,
      async ({ supervisor }) => {
        const { status } = (await (await supervisor?.get(id))?.settled()) ?? {}
        proof.check('fold', status === ended.status, () => `${id} says ${status}, its fold ${ended.status}`)
      },
      (error) => proof.check('answered', error === undefined, () => `settled ${id}: ${error}`),
      host(),
    )
  }

  return {
    giveUp,
    tryAgain,
    allEnded: () => over() && asks.unanswered().length === 0 && inbox() === 0 && open().length === 0,
    nudge() {
      const waiting = asks.unanswered().join(', ')
      proof.check('answered', waiting === '', () => `never answered: ${waiting}`)
      const held = Object.keys(watch.config.current.chains)
      for (const chain of held) commands.release(chain)
      const left = open()
      if (proof.breach !== undefined || left.length === 0) return false
      nudges++
      const helped = left.filter(help)
      // one may wait for another in its concurrency group, but not all
      const stuck = (): string => `after ${nudges} nudges:\n  ${left.map(describe).join('\n  ')}`
      proof.check('ends', (helped.length > 0 || held.length > 0) && nudges < mostNudges, stuck)
      return proof.breach === undefined
    },
    async conclude(step) {
      for (const id of commands.accepted) {
        const { ended, parked } = watch.runs.runs.get(id) ?? {}
        proof.check('ends', (ended ?? parked) !== undefined, () => describe(id))
        compare(id)
      }
      for (let n = 0; asks.unanswered().length > 0 && n < 500; n++) await step()
      const left = asks.unanswered().join(', ')
      proof.check('answered', left === '', () => `never answered: ${left}`)
      proof.check('inbox', inbox() === 0, () => `${inbox()} commands are left in the inbox`)
      const before = time.now()
      const stop = { over: host()?.supervisor === undefined, waited: 0 }
      void host()
        ?.supervisor?.stop({ drain: 60_000 })
        .then(() => {
          stop.over = true
          stop.waited = time.now() - before
        })
      for (let n = 0; !stop.over && n < 500; n++) await step()
      const idle = stop.over && stop.waited < 10_000
      proof.check('idle', idle, () => `the pool was busy for ${stop.waited} ms at the end`)
    },
  }
}
