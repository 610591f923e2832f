import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Spread, digits, lineOf, percentile } from './line.ts'
import { figuresOf } from './page.ts'
import type { Results } from './results.ts'
import { rows } from './rows.ts'
import { tableOf } from './table.ts'

describe('the bench', () => {
  test.for([
    ['--help', 0],
    ['--only=nothing', 2],
    ['--turns=0', 2],
  ] as const)('says with %s what it takes, and measures nothing', ([option, code]) => {
    const main = join(import.meta.dirname, 'main.ts')
    const { stdout, stderr, status } = spawnSync(process.execPath, [main, option], { encoding: 'utf8' })
    expect(status).toBe(code)
    expect(stdout + stderr).toContain('--only NAME,...')
  })

  test('measures every row in its quick form and prints well-formed results', { timeout: 240_000 }, () => {
    const main = join(import.meta.dirname, 'main.ts')
    const { stdout, stderr, status } = spawnSync(process.execPath, [main, '--quick', '--json'], {
      encoding: 'utf8',
    })
    expect(status, stderr + stdout).toBe(0)
    const results = JSON.parse(stdout) as Results
    expect(results.rows.map(({ name }) => name)).toEqual(rows.map(({ name }) => name))
    for (const { name, lines, problems } of results.rows) {
      expect(problems, name).toEqual([])
      expect(lines, name).not.toEqual([])
      for (const line of lines) {
        expect([line.case, line.durability, line.figure], name).not.toContain('')
        expectMeasured(line.value, `${name}, ${line.figure}`)
        if (line.ratio !== undefined) expectMeasured(line.ratio, `${name}, ${line.figure}, ratio`)
      }
      expect(tableOf(lines, true).split('\n')).toHaveLength(lines.length + 1)
    }
    expect(figuresOf(results)).toContain(`Node ${process.versions.node}`)
  })
})

describe('a line', () => {
  const measured = { case: 'one', durability: 'memory', figure: 'runs/s' }

  test('sets each sample against the one of the floor that it took turns with', () => {
    const { value, ratio } = lineOf({
      ...measured,
      samples: [10, 40, 20],
      floor: { is: 'plain', samples: [100, 100, 40] },
    })
    expect(value).toEqual({ median: 20, min: 10, max: 40, samples: 3 })
    expect(ratio).toEqual({ to: 'plain', median: 0.4, min: 0.1, max: 0.5, samples: 3 })
  })

  test('says honestly whether its bar is reached', () => {
    const of = (samples: readonly number[], most: number): unknown =>
      lineOf({ ...measured, samples, bar: { of: 'value', most } }).bar
    expect(of([1, 2, 9], 2)).toEqual({ text: '<= 2', met: true })
    expect(of([1, 3, 3], 2)).toEqual({ text: '<= 2', met: false })
    expect(of([], 2)).toEqual({ text: '<= 2', met: false })
  })

  test('takes percentiles of samples in any order', () => {
    const samples = Array.from({ length: 100 }, (_, at) => 100 - at)
    expect(percentile(samples, 0.99)).toBe(100)
    expect(percentile(samples, 0.5)).toBe(51)
  })

  test('writes numbers with the digits that matter', () => {
    expect([1234567.8, 123.4, 12.34, 1.234, 0.1234, 0, NaN].map(digits)).toEqual([
      '1,234,568',
      '123',
      '12.3',
      '1.23',
      '0.123',
      '0',
      '-',
    ])
  })
})

function expectMeasured({ median, min, max, samples }: Spread, what: string): void {
  expect(samples, what).toBeGreaterThan(0)
  for (const value of [min, median, max]) expect(Number.isFinite(value), what).toBe(true)
  expect(min, what).toBeLessThanOrEqual(median)
  expect(median, what).toBeLessThanOrEqual(max)
}
