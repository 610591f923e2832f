// What happens in a watched world, and when: waves of runs, sickness and health, people, crashes, deploys, hand-overs.

import type { Draw } from '../../../src/testing/simulation/draw.ts'
import type { SeededTime } from '../../../src/testing/simulation/seeded-time.ts'
import type { People } from './people.ts'

export interface AgendaOptions {
  readonly draw: Draw
  readonly time: SeededTime
  readonly tries: boolean
  readonly people: People
  readonly turn: (chain: string) => void
  readonly crash: () => void
  readonly deploy: () => void
  readonly handOver: () => void
}

export interface Agenda {
  /** Plans everything. @returns when it is over. */
  schedule(): number
  /** Some runs, one after the other. */
  trickle(): void
}

const minute = 60_000

export function createAgenda({
  draw,
  time,
  tries,
  people,
  turn,
  crash,
  deploy,
  handOver,
}: AgendaOptions): Agenda {
  let input = 100
  const wave = (chain: string, count: number, gap: number): void => {
    for (let n = 0; n < count; n++) time.at(time.now() + n * gap, () => people.start(chain, input++))
  }
  /** The same input, until it is one that is not tried any more. */
  const poison = (): void => {
    for (let n = 0; n < 3; n++) time.at(time.now() + n * 3_000, () => people.start('load', 13))
  }
  const sicken = (): void => turn(draw.pick(['load', 'load', 'sum', 'batch']))
  const moves: readonly (readonly [number, () => void])[] = [
    [tries ? 1 : 8, sicken],
    [tries ? 1 : 3, poison],
    [tries ? 1 : 8, () => people.action()],
    [tries ? 5 : 3, () => people.suggestion()],
    [tries ? 2 : 5, () => people.config()],
    [2, () => people.run()],
    [2, crash],
    [1, deploy],
    [1, handOver],
  ]
  const all = moves.flatMap(([weight, move]) => Array.from({ length: weight }, () => move))

  return {
    schedule() {
      const over = time.now() + (tries ? 50 : 45) * minute
      const at = (fire: () => void): void => time.at(time.now() + draw.below(over - time.now()), fire)
      if (tries) {
        time.at(time.now() + minute, () => people.suggestion())
        // in some there are enough runs for a trial to come to its last pair
        const size = draw.likely(30) ? 40 : 12
        for (let n = 2; n < 50; n += 4)
          time.at(time.now() + n * minute, () => wave('batch', size, 100 + draw.below(60_000 / size)))
      } else {
        for (let n = 0; n < 6; n++)
          at(() => wave(draw.pick(['sum', 'sum', 'load', 'batch']), 6, 1 + draw.below(6_000)))
        time.at(time.now() + draw.below(10 * minute), () => {
          sicken()
          wave('sum', 12, 500)
        })
      }
      for (let n = 0; n < (tries ? 5 + draw.below(6) : 12 + draw.below(10)); n++) at(draw.pick(all))
      for (let n = 0; n < 1 + draw.below(2); n++) at(crash)
      return over
    },
    trickle() {
      wave('sum', 2, 5_000)
      wave('batch', 1, 5_000)
    },
  }
}
