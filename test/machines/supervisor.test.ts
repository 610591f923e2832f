// The supervisor's lifecycle: from each of its states, whatever may happen there.

import { expect, test } from 'vitest'
import { supervisorMachine } from '../../machines/supervisor.ts'
import { type Step, createWalker } from './walk.ts'

test('it opens, recovers, runs, drains and stops; asked to stop earlier, it drains what it has begun; a lost store ends it anywhere', () => {
  const walker = createWalker(supervisorMachine)
  expect(walker.missing()).toContain('running|stop|0 -> draining')
  const [opened, recovered, stop, drained, lost] = [
    { type: 'opened' },
    { type: 'recovered' },
    { type: 'stop' },
    { type: 'drained' },
    { type: 'store.failed' },
  ] as const
  const steps = (...all: readonly Step[]) => walker.walk(undefined, all)
  const whole = steps(
    [opened, 'recovering'],
    [recovered, 'running'],
    [stop, 'draining'],
    [drained, 'stopped'],
  )
  expect(whole.status).toBe('done')
  expect(steps([stop, 'stopped']).status).toBe('done')
  steps([opened, 'recovering'], [stop, 'draining'], [lost, 'failed'])
  expect(steps([lost, 'failed']).status).toBe('done')
  steps([opened, 'recovering'], [lost, 'failed'])
  steps([opened, 'recovering'], [recovered, 'running'], [lost, 'failed'])
  // out of their turn they say nothing
  steps([drained, 'starting'], [recovered, 'starting'], [opened, 'recovering'], [drained, 'recovering'])
  expect(walker.missing()).toEqual([])
})
