// Judges a job that was killed again and again by nothing but what lies on disk: its store and the lines it counted.

import { type Attempts, attemptsIn, nameOf } from './attempts.ts'
import { type Image, notAPrefix } from './image.ts'
import { readLine, type Said } from './lines.ts'

/** What one process of the job left behind, whether it was killed or ended. */
export interface Left {
  readonly image: Image
  /** How many lines there were in all. */
  readonly lines: number
}

interface Judged {
  readonly left: Left
  readonly attempts: Attempts
}

/**
 * @param lines of all processes, in order.
 * @param left by each process, in order; the last one has ended by itself.
 * @param ground what the first process found, where its lines are not the first.
 */
export function audit(lines: readonly string[], left: readonly Left[], ground?: Image): readonly string[] {
  const problems: string[] = []
  const said = lines.map(readLine)
  const first = ground && { left: { image: ground, lines: 0 }, attempts: attemptsIn(ground.rows) }
  let before: Judged | undefined = first
  for (const [place, one] of left.entries()) {
    const tell = (problem: string): void => void problems.push(`process ${place + 1}: ${problem}`)
    const attempts = attemptsIn(one.image.rows)
    const own = said.slice(before?.left.lines ?? 0, one.lines)
    for (const problem of one.image.problems) tell(problem)
    for (const problem of notAPrefix(before?.left.image.rows ?? [], one.image.rows)) tell(problem)
    for (const problem of effects(own, attempts, before?.attempts)) tell(problem)
    for (const problem of promises(said.slice(0, one.lines), one.image)) tell(problem)
    for (const problem of losses(one.image, before)) tell(problem)
    before = { left: one, attempts }
  }
  problems.push(...ranTwice(said), ...bodies(said, before?.attempts, first?.attempts))
  problems.push(
    ...(before?.attempts.problems ?? []),
    ...(before ? ends(before.left.image, before.attempts, said) : []),
  )
  return problems
}

/** No body begins before its start is committed, none once an outcome of its step was committed by the process before. */
function effects(own: readonly Said[], now: Attempts, before: Attempts | undefined): readonly string[] {
  return own.flatMap(({ kind, of }) => {
    if (kind !== 'start') return []
    const key = of.slice(0, of.lastIndexOf('/'))
    if (before?.succeeded.has(key)) return [`${of} ran although the step had been committed as succeeded`]
    return now.started.has(of) ? [] : [`${of} ran before its start was committed`]
  })
}

/** What the job was promised, and what an observer was told, is in the store. */
export function promises(said: readonly Said[], { rows, heads, inbox }: Image): readonly string[] {
  const runsOf = (type: string): ReadonlySet<string> =>
    new Set(rows.flatMap((row) => (row.type === type ? [row.run] : [])))
  const begun = runsOf('run.accepted')
  const over = runsOf('run.ended')
  const signalled = runsOf('signal.received')
  const headed = new Set(heads.map(({ run }) => run))
  return said.flatMap(({ kind, of }) => {
    if (kind === 'accepted' && !(begun.has(of) && headed.has(of))) return [`accepted run ${of} is lost`]
    if (kind === 'ended' && !over.has(of)) return [`the end of run ${of} was told and is lost`]
    const [entry = '', run = ''] = kind === 'posted' ? of.split(' ') : []
    if (kind === 'posted' && !inbox.has(Number(entry)) && !signalled.has(run))
      return [`the signal for run ${run} was left in the inbox and is lost`]
    return kind === 'seen' && Number(of) > rows.length ? [`event ${of} was told and is lost`] : []
  })
}

/** Only what was in flight as the process before died may be lost. */
function losses({ rows }: Image, before: Judged | undefined): string[] {
  const from = before?.left.image.rows.length ?? 0
  return rows.slice(from).flatMap((row) => {
    if (row.type !== 'attempt.lost') return []
    const name = nameOf({
      ...(JSON.parse(row.body) as { chain: string; step: string; attempt: number }),
      run: row.run,
    })
    return before?.attempts.open.has(name) ? [] : [`${name} is called lost, but no kill took it`]
  })
}

/** One attempt is one call of the body, in whichever process. */
function ranTwice(said: readonly Said[]): readonly string[] {
  const seen = new Set<string>()
  return said.flatMap(({ kind, of }) => {
    if (kind !== 'start' && kind !== 'done') return []
    const line = `${kind} ${of}`
    if (seen.has(line)) return [`${line} is there twice`]
    seen.add(line)
    return []
  })
}

/** What is recorded as succeeded has run to its end; fallbacks are not counted, and what was made before has no body. */
function bodies(
  said: readonly Said[],
  now: Attempts | undefined,
  ground: Attempts | undefined,
): readonly string[] {
  const done = new Set(said.filter(({ kind }) => kind === 'done').map(({ of }) => of))
  return [...(now?.succeeded ?? [])].flatMap(([key, place]) =>
    done.has(nameOf(place)) ||
    place.step.endsWith(':fallback') ||
    place.memo !== undefined ||
    ground?.succeeded.has(key)
      ? []
      : [`${nameOf(place)} is recorded as succeeded, but its body never ended`],
  )
}

const finished: ReadonlySet<string> = new Set(['succeeded', 'failed', 'cancelled'])

/**
 * In the end every run has ended, once, and no attempt of one that succeeded is without an outcome. Ticks go on as long
 * as there is a process: those after the last that the job has waited for may be under way.
 */
function ends({ rows, heads }: Image, { open }: Attempts, said: readonly Said[]): readonly string[] {
  const ticked = said.findLast(({ kind }) => kind === 'ticked')?.of
  const isLater = (run: string): boolean =>
    ticked !== undefined && Date.parse(/^schedule\/.*\/(.*)$/.exec(run)?.[1] ?? '') > Number(ticked)
  const count = (type: string): ReadonlyMap<string, number> =>
    rows.reduce(
      (sum, row) => (row.type === type ? sum.set(row.run, (sum.get(row.run) ?? 0) + 1) : sum),
      new Map(),
    )
  const accepts = count('run.accepted')
  const ended = count('run.ended')
  const succeeded = new Set(heads.flatMap(({ run, status }) => (status === 'succeeded' ? [run] : [])))
  const runs = [...succeeded]
  // the ids of runs have slashes too
  const dangling = [...open].filter((name) => runs.some((run) => name.startsWith(`${run}/`)))
  const wrong = heads.flatMap(({ run, status }) => [
    ...(finished.has(status) || isLater(run) ? [] : [`run ${run} is ${status} in the end`]),
    ...(accepts.get(run) === 1 ? [] : [`run ${run} was accepted ${accepts.get(run) ?? 0} times`]),
    ...(ended.get(run) === 1 || isLater(run) ? [] : [`run ${run} has ended ${ended.get(run) ?? 0} times`]),
  ])
  return [...wrong, ...dangling.map((name) => `${name} has no outcome in the end`)]
}
