// One process of a simulation: a real supervisor over a faulty store, until it is killed, stopped or fails.

import { supervise } from '../../engine/create-supervisor.ts'
import type { SupervisorOptions } from '../../engine/supervisor-options.ts'
import type { Supervisor } from '../../engine/supervisor.ts'
import type { CatenaryError } from '../../kernel/errors.ts'
import type { MemoryContents } from '../../journal/memory-contents.ts'
import type { Store } from '../../journal/store.ts'
import { createFaultyStore, type StoreFaults } from '../faulty-store.ts'
import type { SimulatedApp } from './build.ts'
import type { Temper } from './deeds.ts'
import { createDeeds } from './ledger.ts'
import type { Proof } from './proof.ts'
import type { ProcessClock, SeededTime } from './seeded-time.ts'
import type { Watch } from './watch.ts'

export interface HostOptions {
  readonly time: SeededTime
  readonly contents: MemoryContents
  readonly chains: SupervisorOptions['chains']
  readonly faults: StoreFaults
  readonly concurrency: number
  readonly hibernateAfter: number
  readonly proof: Proof
  readonly watch: Watch
  readonly temper: Temper
  readonly calm: () => boolean
  /** Every body that ever ran, over all processes, and how often. */
  readonly ran: Map<string, number>
  /** Makes a store over the contents. */
  readonly store: () => Store
  /** What besides the deeds of steps is handed to functions as `app`, made for each process. */
  readonly app?: (clock: ProcessClock) => object
  /** What else the supervisor is told. */
  readonly options?: Partial<SupervisorOptions>
  /** Whether it stands by until it may execute. Default false. */
  readonly standsBy?: boolean
}

export interface Host {
  /** Undefined until it has opened. */
  readonly supervisor: Supervisor | undefined
  readonly clock: ProcessClock
  /** It can be used: opened, not killed, not failed. */
  readonly up: boolean
  /** Its store failed, so it is of no more use. */
  readonly broken: boolean
  kill(): void
}

export function startHost(options: HostOptions): Host {
  const { contents, proof, watch } = options
  const clock = options.time.process()
  const store = createFaultyStore(options.store(), clock, options.faults)
  let supervisor: Supervisor | undefined
  let broken = false
  let last: number | undefined

  const kill = (): void => {
    if (!clock.alive) return
    clock.kill()
    void store.kill()
  }
  const { temper, calm, ran, concurrency } = options
  const stage = { clock, temper, calm, die: kill }
  const app: SimulatedApp = createDeeds({ stage, proof, watch, ran })

  // nothing that the engine itself does may throw in a turn, or in a timer
  const complain = ({ error }: Readonly<Record<string, unknown>>, message: string): void => {
    const stack = error instanceof Error ? error.stack : String(error)
    proof.check('stray', !/crashed|threw/.test(message), () => `${message}\n${stack}`)
  }
  const opening = supervise(store, {
    chains: options.chains,
    role: options.standsBy === true ? 'auto' : 'executor',
    ...options.options,
    app: { ...app, ...options.app?.(clock) },
    clock,
    concurrency,
    hibernateAfter: options.hibernateAfter,
    logger: { info() {}, warn() {}, error: complain },
  })
  opening.then(
    (opened) => {
      if (!clock.alive) return
      supervisor = opened
      opened.events$.subscribe((event) => {
        if (!clock.alive) return
        const row = contents.journal[event.seq - 1]
        const follows = last === undefined || event.seq === last + 1
        last = event.seq
        watch.catchUp()
        proof.check(
          'published',
          follows &&
            row !== undefined &&
            row.seq === event.seq &&
            row.type === event.type &&
            row.run === event.run,
          () => `events$ gives seq ${event.seq} ${event.type}, the journal has ${row?.seq} ${row?.type}`,
        )
      })
    },
    (error: unknown) => {
      broken = true
      const { code } = error as CatenaryError
      proof.check('faults', code.startsWith('STORE_'), () => String(error))
    },
  )
  return {
    clock,
    kill,
    get supervisor() {
      return supervisor
    },
    get up() {
      return clock.alive && supervisor !== undefined && supervisor.state !== 'failed'
    },
    get broken() {
      if (supervisor?.state === 'failed' && !broken) {
        broken = true
        const struck = Object.values(store.struck).reduce((sum, times) => sum + times)
        proof.check('faults', struck > 0, () => 'the engine failed by itself')
      }
      return broken
    },
  }
}

/** A process that executes nothing, and does not die. */
export async function createClient({
  time,
  chains,
  store,
}: Pick<HostOptions, 'time' | 'chains'> & { readonly store: Store }): Promise<Host> {
  const clock = time.process()
  const supervisor = await supervise(store, { chains, clock, role: 'client' })
  return { supervisor, clock, up: true, broken: false, kill: () => clock.kill() }
}
