// Rolling restarts of real processes on one store: each new one stands by before the old one ends, under load.

import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { toEvent } from '../../src/journal/encoding.ts'
import { openSqliteReader } from '../../src/sqlite/client.ts'
import { type Process, startProcess } from './process.ts'

export interface Restarts {
  readonly folder: string
  readonly restarts: number
  /** Every so many-th process is killed instead of told to end; 0 none. */
  readonly killEvery: number
  readonly tell: (line: string) => void
}

export interface Report {
  /** From the signal to the next process's word that it executes (ms). */
  readonly handOvers: readonly { readonly by: 'SIGTERM' | 'SIGKILL'; readonly took: number }[]
  readonly orders: number
  readonly problems: readonly string[]
}

const server = new URL('./jobs/server.ts', import.meta.url)
const load = new URL('./jobs/load.ts', import.meta.url)
const steps = ['take', 'pack', 'ship']

export async function rollRestarts({ folder, restarts, killEvery, tell }: Restarts): Promise<Report> {
  mkdirSync(folder, { recursive: true })
  const store = join(folder, 'app.db')
  const counter = join(folder, 'counter')
  const env = { CATENARY_COUNT_FILE: counter }
  const all: Process[] = []
  const start = (file: URL): Process => {
    const begun = startProcess(file, [store], env)
    all.push(begun)
    return begun
  }
  const handOvers: { by: 'SIGTERM' | 'SIGKILL'; took: number }[] = []
  const problems: string[] = []
  try {
    let current = start(server)
    await current.said('this process executes')
    const client = start(load)
    await client.said('up')
    for (let n = 1; n <= restarts; n++) {
      const next = start(server)
      await next.said('stands by')
      const by = killEvery > 0 && n % killEvery === 0 ? 'SIGKILL' : 'SIGTERM'
      const sent = performance.now()
      current.signal(by)
      const took = (await next.said('this process executes')) - sent
      handOvers.push({ by, took })
      tell(`restart ${n}: ${by}, taken over after ${took.toFixed(0)} ms`)
      const code = await current.ended
      if (by === 'SIGTERM' && code !== 0) problems.push(`a process that was told to end ended with ${code}`)
      current = next
    }
    client.signal('SIGTERM')
    const code = await client.ended
    if (code !== 0) problems.push(`the load ended with ${code}`)
    current.signal('SIGTERM')
    if ((await current.ended) !== 0) problems.push('the last process did not end well')
    for (const { lines } of all) problems.push(...lines.filter((line) => !isWell(line)))
    const orders = Number(client.lines.findLast((line) => line.startsWith('placed'))?.slice(7))
    problems.push(...(await audit(store, readFileSync(counter, 'utf8').split('\n').slice(0, -1), orders)))
    return { handOvers, orders, problems }
  } finally {
    for (const { signal } of all) signal('SIGKILL')
  }
}

/** All that a process says when nothing is amiss. */
function isWell(line: string): boolean {
  return /^(up|executes|stands by|stopped|placed \d+|this process executes the store now)$/.test(line)
}

/** Holds what was counted outside of the store against its journal: nothing lost, nothing doubled. */
async function audit(store: string, lines: readonly string[], orders: number): Promise<readonly string[]> {
  const problems: string[] = []
  const count = (of: string): number => counts.get(of) ?? 0
  const counts = new Map<string, number>()
  for (const line of lines) {
    const of = line.startsWith('done ') ? line.replace(/\/\d+$/, '') : line
    counts.set(of, (counts.get(of) ?? 0) + 1)
  }
  await using reader = openSqliteReader(store)
  const runs = Object.values(await reader.counts()).reduce((sum, n) => sum + n, 0)
  if (runs !== orders) problems.push(`${orders} orders were placed, and the store has ${runs} runs`)
  for (let n = 0; n < orders; n++) {
    const id = `order-${n}`
    const events = (await reader.rows(id, 0)).map((row) => toEvent(row))
    for (const said of ['accepted', 'ended'])
      if (count(`${said} ${id}`) !== 1) problems.push(`${id} was ${said} ${count(`${said} ${id}`)} times`)
    for (const type of ['run.accepted', 'run.ended', 'signal.received', 'signal.consumed']) {
      const times = events.filter((event) => event.type === type).length
      if (times !== 1) problems.push(`${id} has ${type} ${times} times`)
    }
    for (const step of steps) {
      const of = events.filter((event) => 'step' in event && event.step === step)
      const committed = of.filter(({ type }) => type === 'attempt.succeeded').length
      const lost = of.filter(({ type }) => type === 'attempt.lost').length
      const ran = count(`done ${id}/order/${step}`)
      if (committed !== 1) problems.push(`${id}/${step} was committed ${committed} times`)
      // at least once: what ran beyond that was lost with its process before its outcome was committed
      if (ran < 1 || ran > 1 + lost) problems.push(`${id}/${step} ran ${ran} times, and ${lost} were lost`)
    }
  }
  return problems
}

/** What came of it, for people. */
export function summary({ handOvers, orders, problems }: Report): readonly string[] {
  const of = (by: string): readonly number[] =>
    handOvers.flatMap((one) => (one.by === by ? [one.took] : [])).toSorted((a, b) => a - b)
  const line = (by: string): readonly string[] => {
    const took = of(by)
    if (took.length === 0) return []
    const median = took[Math.floor(took.length / 2)] ?? 0
    return [
      `${by}: ${took.length} hand-overs, median ${median.toFixed(0)} ms, longest ${(took.at(-1) ?? 0).toFixed(0)} ms`,
    ]
  }
  return [...line('SIGTERM'), ...line('SIGKILL'), `${orders} orders, ${problems.length} problems`]
}
