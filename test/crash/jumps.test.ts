// Jumps of the clock of real processes in short; `npm run crash -- --job clock` is the long form.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Row } from '../../src/journal/store.ts'
import { createRandom } from '../../src/kernel/random.ts'
import { early, jumpClock } from './jumps.ts'

const seed = Number(process.env['CATENARY_SEED'] ?? 1)

test(
  'sleeps and delays outlive a clock that jumps by hours, and none is over before its time',
  { timeout: 120_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'catenary-jumps-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const chance = createRandom(seed)
    const { problems, ended } = await jumpClock(folder, { naps: 2, processes: 2, wakes: false, chance })
    expect({ seed, problems, ended }).toEqual({ seed, problems: [], ended: 6 })
  },
)

test('the look at timers sees one that fires early, and not one whose time the journal has been at', () => {
  const row = (type: string, at: number, body: object = {}, payload: string | null = null): Row => ({
    seq: 1,
    run: type.startsWith('engine') ? '' : 'nap-1',
    type,
    at,
    body: JSON.stringify(body),
    payload,
  })
  const decided = row('decision.made', 1_000, { step: 'doze:due' }, '1350')
  const advanced = row('machine.advanced', 1_000, { due: 1_350 })
  expect(early([decided, row('timer.fired', 1_350)])).toEqual([])
  expect(early([decided, row('run.resumed', 1_360), row('timer.fired', 5)])).toEqual([])
  expect(early([decided, row('timer.fired', 1_349)])).toHaveLength(1)
  expect(
    early([decided, row('run.resumed', 9_999), row('engine.started', 5), row('timer.fired', 6)]),
  ).toHaveLength(1)
  expect(early([advanced, row('machine.advanced', 1_349)])).toHaveLength(1)
})
