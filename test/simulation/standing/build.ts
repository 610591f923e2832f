// Builds real services, groups and scheduled chains from their shapes; what they do is asked of `app`.

import type { AnyChain } from '../../../src/chain/any-chain.ts'
import { chain } from '../../../src/chain/create-chain.ts'
import { ready } from '../../../src/chain/edge.ts'
import type { ScheduleOptions } from '../../../src/chain/schedule.ts'
import { type Group, group, type Service, service } from '../../../src/chain/service.ts'
import type { StepContext } from '../../../src/definition/context.ts'
import type { ServiceContext } from '../../../src/definition/service.ts'
import type { SimulatedApp } from '../../../src/testing/simulation/build.ts'
import type { ChainShape } from '../../../src/testing/simulation/shape.ts'
import type { Lives } from './lives.ts'
import type { GroupShape, ScheduleShape, ServiceShape, StandingShape } from './shape.ts'

/** What functions of a standing world are given as `app`. */
export type StandingApp = SimulatedApp & { readonly lives: Lives }

export interface Standing {
  readonly groups: readonly Group[]
  readonly chains: ReadonlyMap<string, AnyChain>
}

export function buildStanding({ groups, schedules }: StandingShape): Standing {
  const services = new Map<string, Service>()
  const build = (shape: ServiceShape | GroupShape): Service | Group => {
    if ('children' in shape) return grouped(shape)
    const built = serviceOf(shape, services)
    services.set(shape.id, built)
    return built
  }
  const grouped = ({ id, strategy, intensity, period, children }: GroupShape): Group =>
    group(id, { strategy, intensity, period }, children.map(build))
  const built = groups.map(grouped)
  return {
    groups: built,
    chains: new Map(schedules.map((shape) => [shape.chain, scheduled(shape, services)])),
  }
}

function serviceOf(shape: ServiceShape, services: ReadonlyMap<string, Service>): Service {
  const { id, restart, shutdown, needs, threshold, backsOff } = shape
  // what it throws at once is a start that failed
  const live = (context: ServiceContext): unknown => (context.app as StandingApp).lives.live(id, context)
  return service(id, live, {
    restart,
    shutdown,
    needs: needs.map((need) => services.get(need) as Service),
    ...(backsOff ? { backoff: { initial: '200ms', max: '5s' } } : {}),
    ...(threshold === undefined
      ? {}
      : {
          alive: {
            check: ({ app }) => (app as StandingApp).lives.isAlive(id),
            period: '15s',
            failureThreshold: threshold,
          },
        }),
  })
}

function scheduled(shape: ScheduleShape, services: ReadonlyMap<string, Service>): AnyChain {
  const { chain: id, cron, period, overlap, catchUp, jitter, attempts } = shape
  const schedule: ScheduleOptions = {
    ...(cron === undefined ? { every: period } : { cron }),
    overlap,
    catchUp,
    jitter,
    window: true,
  }
  const begun = chain(id, { schedule })
  const needed = shape.ready === undefined ? undefined : services.get(shape.ready)
  const after = needed === undefined ? begun : begun.needs({ service: ready(needed) })
  const work = (context: StepContext): unknown => (context.app as StandingApp).perform('work', context)
  return after.step('work', work, {
    attempts,
    timeout: '8s',
    backoff: { initial: '1s' },
  })
}

/** The scheduled chains as the watches know them. */
export function shapesOf({ schedules }: StandingShape): ReadonlyMap<string, ChainShape> {
  return new Map(
    schedules.map(({ chain: id, attempts }) => [
      id,
      {
        id,
        entries: [
          {
            kind: 'step',
            name: 'work',
            attempts,
            backoff: 1_000,
            timeout: 8_000,
            compensates: false,
            limited: 0,
            guarded: false,
            fallback: false,
          },
        ],
        needs: [],
        follows: [],
        rule: 'all_success',
        priority: 0,
        returns: false,
      },
    ]),
  )
}
