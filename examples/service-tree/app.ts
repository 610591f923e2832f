// The app: a server, and an intake whose poller depends on its consumer, under one supervisor.

import { chain, createSupervisor, group, ready, type Supervisor, type SupervisorOptions } from 'catenary'
import { type Intake, queueConsumer } from './consumer.ts'
import { type Feed, feedPoller, type Wait } from './poller.ts'
import { Queue } from './queue.ts'
import { httpServer, type Served } from './server.ts'

export interface AppOptions {
  readonly feed: Feed
  readonly wait: Wait
  readonly port: number
  /** The journal's file. */
  readonly store: string
  readonly clock?: NonNullable<SupervisorOptions['clock']>
  readonly logger?: NonNullable<SupervisorOptions['logger']>
}

export interface App {
  readonly supervisor: Supervisor
  readonly queue: Queue
  readonly served: Served
  /** Orders that were shipped. */
  readonly shipped: readonly number[]
}

export async function startApp({ feed, wait, port, store, clock, logger }: AppOptions): Promise<App> {
  const queue = new Queue()
  const shipped: number[] = []
  const now = (): number => clock?.now() ?? Date.now()
  const served: Served = {
    port: undefined,
    hangs: false,
    fail: undefined,
    answer(path) {
      if (path === '/orders') return [200, shipped]
      if (path !== '/healthz') return [404, 'not here']
      const health = supervisor.healthz()
      return [health.ok ? 200 : 503, health]
    },
  }
  const intake: Intake = {
    queue,
    beat: now(),
    begin: async ({ id, order }) => void (await supervisor.start(ship, order, { id })),
  }
  const server = httpServer(served, { port, silence: 15_000, now })
  const consumer = queueConsumer(intake, 15_000, now)
  const poller = feedPoller({ feed, queue, wait, every: 5_000, needs: [consumer], silence: 30_000, now })
  // an order is shipped while the server runs, whose answers tell of it
  const ship = chain<number>('ship')
    .needs({ server: ready(server) })
    .step('send', ({ input }) => void shipped.push(input), { idempotent: true })

  const supervisor = await createSupervisor({
    chains: [
      server,
      // the poller starts after the consumer, and anew with it
      group('intake', { strategy: 'rest_for_one', intensity: 3, period: '1m' }, [consumer, poller]),
      ship,
    ],
    store,
    // a server that finds its port taken may try for a while
    intensity: 20,
    period: '1m',
    stopOn: ['SIGTERM', 'SIGINT'],
    ...(clock === undefined ? {} : { clock }),
    ...(logger === undefined ? {} : { logger }),
  })
  return { supervisor, queue, served, shipped }
}
