import { expect, test } from 'vitest'
import { longChain } from '../type/long-chain.ts'
import { typecheck } from '../type/typecheck.ts'

test('a chain of 200 steps compiles', { timeout: 60_000 }, () => {
  expect(typecheck({ 'long.ts': longChain(200) }).diagnostics).toEqual([])
})

test('in a long chain a wrong step name is still found', { timeout: 60_000 }, () => {
  const wrong = `${longChain(100)}export const wrong = long.step('wrong', ({ steps }) => steps.s100)\n`
  const { diagnostics } = typecheck({ 'long.ts': wrong })
  expect(diagnostics).toMatchObject([{ code: 'TS2551' }])
})

// what the compiler does, counted: times vary with the machine, and test/bench/types.ts measures them
test('a chain of 30 steps costs the compiler little beyond its imports', { timeout: 60_000 }, () => {
  const [imports, long] = [0, 30].map((steps) => typecheck({ 'long.ts': longChain(steps) }).instantiations)
  expect(long! - imports!).toBeLessThan(40_000)
})
