// Disks and other programs that get in the way, in short; `npm run crash -- --job faults` is the long form.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createRandom } from '../../src/kernel/random.ts'
import { faults, noSmallDisk, suffer } from './faults.ts'

const seed = Number(process.env['CATENARY_SEED'] ?? 1)
const why = noSmallDisk()

test.skipIf(why !== undefined)(
  `a job whose disk is full, read-only or held by another program says so, and the next process goes on${why === undefined ? '' : ` (skipped: ${why})`}`,
  { timeout: 180_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'catenary-faults-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const { struck, problems } = await suffer(folder, faults, { orders: 10, chance: createRandom(seed) })
    expect({ seed, problems }).toEqual({ seed, problems: [] })
    expect(struck.length).toBeGreaterThan(3)
  },
)
