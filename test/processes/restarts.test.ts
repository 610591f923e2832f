// Rolling restarts in short; `npm run restarts` is the long form, and holds the time that a hand-over takes.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { rollRestarts } from './restarts.ts'

test(
  'processes that hand a store over under load, one of them killed, lose nothing, double nothing and start well',
  { timeout: 120_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'catenary-restarts-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const report = await rollRestarts({ folder, restarts: 3, killEvery: 2, tell: () => {} })
    expect(report.problems).toEqual([])
    expect(report.handOvers.map(({ by }) => by)).toEqual(['SIGTERM', 'SIGKILL', 'SIGTERM'])
    expect(report.orders).toBeGreaterThan(0)
  },
)
