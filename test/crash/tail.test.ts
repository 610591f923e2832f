// The torn tail of the log in short; `npm run crash -- --job tail` cuts it at every byte.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createRandom } from '../../src/kernel/random.ts'
import { tearTail } from './tail.ts'

const seed = Number(process.env['CATENARY_SEED'] ?? 1)

test(
  'a log that is cut anywhere in its tail, or has a flipped bit there, loses nothing but what was not whole',
  { timeout: 120_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'catenary-tail-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const chance = createRandom(seed)
    const torn = await tearTail(folder, { frames: 10, every: 2_999, bits: 10, goesOn: 1, chance })
    expect({ seed, problems: torn.problems }).toEqual({ seed, problems: [] })
    expect(torn.wentOn).toBe(1)
    expect(torn.lengths).toBeGreaterThan(1)
  },
)
