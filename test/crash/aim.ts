// The instants at which a job is to be killed: near a step's start or end, at a commit, or while it is starting up.

import { readLine } from './lines.ts'

/** An instant to kill at. */
export type Aim =
  /** The `nth` line that says that a body of this step began, or ended. */
  | {
      readonly at: 'start' | 'done'
      /** `chain step`, as in `stratumOf`. */
      readonly stratum: string
      readonly nth: number
      /** Milliseconds after it. */
      readonly delay: number
    }
  /** The `nth` change of the store's log in one process. */
  | { readonly at: 'commit'; readonly nth: number; readonly delay: number }
  /** So many milliseconds after a process was started. */
  | { readonly at: 'boot'; readonly delay: number }

/** What an aim is called in the table. */
export function told(aim: Aim): string {
  return aim.at === 'start' || aim.at === 'done' ? `${aim.stratum} ${aim.at}` : aim.at
}

/** Draws in [0, 1). */
export type Chance = () => number

/** At once, soon, or late: the windows between a body's end, its commit and what follows differ by magnitudes. */
export function anyDelay(chance: Chance): number {
  const kind = chance()
  if (kind < 0.3) return 0
  return kind < 0.7 ? chance() * 0.8 : chance() * 8
}

/** Several points of a fan-out over `items`, from its first item to its last. */
export function fanOut(stratum: string, items: number, points: number, chance: Chance): readonly Aim[] {
  return Array.from({ length: points }, (_, point) => {
    const nth = Math.max(1, Math.min(items, Math.floor(((point + chance()) / points) * items)))
    return { at: chance() < 0.5 ? 'start' : 'done', stratum, nth, delay: anyDelay(chance) }
  })
}

export function oneStep(stratum: string, chance: Chance): readonly Aim[] {
  return (['start', 'done'] as const).map((at) => ({ at, stratum, nth: 1, delay: anyDelay(chance) }))
}

/** Anywhere: while it starts and recovers, and in the middle of a commit. */
export function anywhere(chance: Chance): readonly Aim[] {
  return [
    { at: 'boot', delay: 150 + chance() * 900 },
    { at: 'commit', nth: 1 + Math.floor(chance() * 8), delay: chance() * 0.5 },
    { at: 'commit', nth: 5 + Math.floor(chance() * 120), delay: chance() * 0.5 },
  ]
}

export function shuffled<T>(list: readonly T[], chance: Chance): readonly T[] {
  return list
    .map((one) => ({ one, place: chance() }))
    .sort((a, b) => a.place - b.place)
    .map(({ one }) => one)
}

/** Counts a job's lines by step, over all its processes. */
export function createScope(aims: ReadonlySet<Aim>): { line(line: string): Aim | undefined } {
  const counts = new Map<string, number>()
  const strata = new Set([...aims].flatMap((aim) => ('stratum' in aim ? [aim.stratum] : [])))
  return {
    /** The aim, of those that are left, that has come with this line. */
    line(line) {
      const { kind, of } = readLine(line)
      const stratum = [...strata].find((one) => matches(of, one))
      if ((kind !== 'start' && kind !== 'done') || stratum === undefined) return undefined
      const count = (counts.get(`${stratum} ${kind}`) ?? 0) + 1
      counts.set(`${stratum} ${kind}`, count)
      return [...aims].find(
        (aim) => aim.at === kind && 'stratum' in aim && aim.stratum === stratum && aim.nth <= count,
      )
    },
  }
}

/** Whether a line is of a stratum: `run/chain/step[/item]/attempt`, where runs and called chains have slashes too. */
function matches(attempt: string, stratum: string): boolean {
  const [chain = '', step = ''] = stratum.split(' ')
  const at = attempt.indexOf(`/${chain}/`)
  return at >= 0 && attempt.slice(at + chain.length + 1).includes(`/${step}/`)
}
