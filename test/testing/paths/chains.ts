// Chains with every kind of entry, for the tests of paths.

import { z } from 'zod'
import { chain } from '../../../src/index.ts'

export const quick = { initial: '1s', jitter: 'none' } as const

export const extract = chain('extract-paths').step('fetch', () => 1, { attempts: 5, timeout: '30s' })

const callee = chain('callee').step('one', () => 1, { compensate: () => {} })

/** Every kind of entry. */
export const everything = chain<number>('everything')
  .step('a', () => 1, { attempts: 2, fallback: () => 2, deadline: '1h', compensate: () => {} })
  .parallel('both', {
    x: (b) => b.step('x1', () => 1).step('x2', () => 2),
    y: (b) => b.step('y1', () => 1, { attempts: 2 }),
  })
  .choose('way', (c) =>
    c
      .when(
        ({ input }) => input > 1,
        (b) => b.step('high', () => 1),
      )
      .otherwise((b) => b),
  )
  .each(
    'items',
    () => [1],
    (item) => item,
  )
  .wait('approval', z.string(), { timeout: '1h' })
  .sleep('nap', '1h')
  .call('other', callee, () => undefined)
  .repeat('again', (b) => b.step('r', () => 1), { until: () => true, max: 3 })
  .parallel(
    'waited',
    { p: (b) => b.step('p1', () => 1), q: (b) => b.step('q1', () => 1) },
    { onFailure: 'wait' },
  )
  .returns(() => 1)

const undoable = { attempts: 3, backoff: quick, compensate: () => {} }

/** Eight steps in a row, each undone if the chain fails. */
export const saga = chain('saga')
  .step('s1', () => 1, undoable)
  .step('s2', () => 2, undoable)
  .step('s3', () => 3, undoable)
  .step('s4', () => 4, undoable)
  .step('s5', () => 5, undoable)
  .step('s6', () => 6, undoable)
  .step('s7', () => 7, undoable)
  .step('s8', () => 8, undoable)

/** Three branches side by side, in more configurations than anything looks at. */
export const wide = chain('wide').parallel('all', {
  x: (b) => b.step('x1', () => 1, undoable).wait('x2'),
  y: (b) => b.step('y1', () => 1, undoable).wait('y2'),
  z: (b) => b.step('z1', () => 1, undoable).wait('z2'),
})

/** One thing after the other, with decisions, recovery, waits and undoing. */
export const inTurn = chain<number>('in-turn')
  .step('charge', () => 1, { attempts: 2, backoff: quick, compensate: () => {} })
  .choose('way', (c) =>
    c
      .when(
        ({ input }) => input > 1,
        (b) => b.step('high', () => 1, { fallback: () => 0 }),
      )
      .otherwise((b) => b.step('low', () => 2)),
  )
  .wait('approval', z.string(), { timeout: '1h' })
  .sleep('nap', '1h')
  .step('ship', () => 3)
