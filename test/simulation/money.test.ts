import { expect, test } from 'vitest'
import { type MoneyResult, simulateMoney } from './money.ts'

const first = Number(process.env['CATENARY_MONEY_SEED'] ?? 1)
const count = Number(process.env['CATENARY_MONEY'] ?? 200)

test(
  'whatever fails, every order is booked whole, not at all, or asks for a person',
  { timeout: 600_000 },
  async () => {
    const results: MoneyResult[] = []
    for (let seed = first; seed < first + count; seed++) results.push(await simulateMoney(seed))
    const broken = results.flatMap(({ seed, problems }) =>
      problems.map((problem) => `npm run simulate -- --money --seed ${seed}: ${problem}`),
    )
    expect(broken).toEqual([])
    if (count < 100) return
    // the seeds come by all of it
    const ends = new Set(results.flatMap((result) => result.ends))
    expect([...ends].toSorted()).toEqual(
      expect.arrayContaining(['cancelled', 'failed', 'needs-attention', 'succeeded']),
    )
    expect(results.reduce((sum, { unknown }) => sum + unknown, 0)).toBeGreaterThan(count / 10)
    expect(results.reduce((sum, { crashes }) => sum + crashes, 0)).toBeGreaterThan(count)
  },
)
