// What it costs that all there is watches at once: analyzer, reflector, an inspector's client, events$ and actors$.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createSupervisor, type Supervisor } from '../../../src/index.ts'
import { createInspector } from '../../../src/inspector.ts'
import { type Line, lineOf } from '../line.ts'
import { type Row, type Terms, sized } from '../row.ts'
import { chainOf, drive, durabilityOf, freshStore, type Keeping, nothing } from '../workload.ts'

const steps = 3
const inFlight = 1_000

interface Told {
  events: number
  actors: number
  reports: number
  looks: number
  bytes: number
}

type Watch = (supervisor: Supervisor, told: Told) => Promise<() => Promise<void>> | (() => Promise<void>)

/** Whoever watches in the process itself, by one subscription. */
const bySubscription =
  (subscribe: (supervisor: Supervisor, told: Told) => { unsubscribe(): void }): Watch =>
  (supervisor, told) => {
    const subscription = subscribe(supervisor, told)
    return async () => subscription.unsubscribe()
  }

/** Reads a stream as a browser would, from a process of its own; says how much it was, once it has begun and at its end. */
const client = `
  const [, url, token] = process.argv
  const answer = await fetch(url + 'api/stream?after=0', { headers: { authorization: 'Bearer ' + token } })
  let bytes = 0
  process.once('message', () => process.send(bytes, () => process.exit()))
  process.send('watching')
  for await (const chunk of answer.body) bytes += chunk.length`

async function attach(supervisor: Supervisor, told: Told): Promise<() => Promise<void>> {
  const inspector = createInspector(supervisor, { enabled: true })
  const [address = ''] = (await inspector.listen()).url.split('#')
  const line = ['--input-type=module', '-e', client, '--', address, inspector.token]
  const child: ChildProcess = spawn(process.execPath, line, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  await once(child, 'message')
  return async () => {
    const last = once(child, 'message')
    child.send('enough')
    told.bytes += Number((await last)[0])
    await inspector[Symbol.asyncDispose]()
  }
}

const single: Readonly<Record<string, Watch>> = {
  events$: bySubscription(({ events$ }, told) => events$.subscribe(() => void told.events++)),
  actors$: bySubscription(({ actors$ }, told) => actors$.subscribe(() => void told.actors++)),
  analyzer: bySubscription(({ analyzer }, told) => analyzer.report$.subscribe(() => void told.reports++)),
  reflector: bySubscription(({ reflector }, told) =>
    reflector.suggestions$.subscribe(() => void told.looks++),
  ),
  'inspector stream': attach,
}

async function together(
  names: readonly string[],
  supervisor: Supervisor,
  told: Told,
): Promise<() => Promise<void>> {
  const ends: (() => Promise<void>)[] = []
  for (const name of names) ends.push((await single[name]?.(supervisor, told)) ?? (async () => {}))
  return async () => {
    for (const end of ends) await end()
  }
}

async function measure(
  keeping: Keeping,
  names: readonly string[],
  { folder, size, turns }: Terms,
): Promise<readonly Line[]> {
  const times = sized(size, { quick: 60, usual: 20_000 })
  const flow = chainOf(steps, nothing)
  const told: Told = { events: 0, actors: 0, reports: 0, looks: 0, bytes: 0 }
  const samples = { on: [] as number[], off: [] as number[], onCpu: [] as number[], offCpu: [] as number[] }
  const oneTurn = async (observed: boolean, counts: boolean): Promise<void> => {
    const store = freshStore(folder, keeping)
    const supervisor = await createSupervisor({
      chains: [flow],
      store,
      concurrency: 100_000,
      reflect: { every: '2s' },
    })
    const end = observed ? await together(names, supervisor, told) : async () => {}
    const before = process.cpuUsage()
    const seconds = await drive(async () => supervisor.run(flow), { times, inFlight })
    const { user, system } = process.cpuUsage(before)
    await end()
    await supervisor.stop()
    if (!counts) return
    samples[observed ? 'on' : 'off'].push(times / seconds)
    samples[observed ? 'onCpu' : 'offCpu'].push((user + system) / times)
  }
  await oneTurn(false, false)
  await oneTurn(true, false)
  for (let turn = 0; turn < turns; turn++)
    // whoever comes second finds a warmer machine, so they change places
    for (const observed of turn % 2 === 0 ? [true, false] : [false, true]) await oneTurn(observed, true)
  const of = { case: names.length === 1 ? `${names[0]}` : 'all of them', durability: durabilityOf[keeping] }
  const note =
    `${told.events.toLocaleString('en-US')} events and ${told.actors.toLocaleString('en-US')} of actors told, ` +
    `${told.reports} reports, ${told.looks} looks, ${Math.round(told.bytes / 1e6)} MB streamed`
  return [
    lineOf({
      ...of,
      figure: 'runs/s watched',
      samples: samples.on,
      floor: { is: 'unwatched', samples: samples.off },
      ...(names.length === 1 ? {} : { bar: { of: 'ratio', least: 0.9 } as const }),
      note,
    }),
    lineOf({
      ...of,
      figure: 'us CPU a run',
      samples: samples.onCpu,
      floor: { is: 'unwatched', samples: samples.offCpu },
    }),
  ]
}

export const allWatching: Row = {
  name: 'all-watching',
  title: 'Throughput with everything that watches, against nothing',
  method:
    `${steps} steps that do nothing, 1,000 in flight: \`analyzer.report$\`, \`reflector.suggestions$\`, an inspector whose ` +
    'stream another process reads, `events$` and `actors$`, in turn with none of it; each by itself as well. Processor ' +
    'time is that of the host, all its threads. The reflector looks every 2 s in place of every minute, so that what it ' +
    'reads of a turn it reads in that turn.',
  cases: () => [
    ...Object.keys(single).map((name) => ({
      name,
      measure: async (terms: Terms) => measure('full', [name], terms),
    })),
    { name: 'all', measure: async (terms: Terms) => measure('full', Object.keys(single), terms) },
  ],
}
