// How long the compiler takes over chains of 30, 100 and 200 steps, beyond the same imports alone.

import { longChain } from '../type/long-chain.ts'
import { typecheck } from '../type/typecheck.ts'

const rounds = 9
const sizes = [0, 30, 100, 200]

// in turns, and the least of each: what others did to the machine only adds
const least = sizes.map(() => Infinity)
for (let round = 0; round < rounds; round++) {
  for (const [at, steps] of sizes.entries()) {
    const { checkTime } = typecheck({ 'main.ts': longChain(steps) })
    least[at] = Math.min(least[at] ?? Infinity, checkTime)
  }
}

const [base = 0] = least
console.log(`imports alone: ${base} ms (the least of ${rounds})`)
for (const [at, steps] of sizes.entries()) {
  if (steps > 0) console.log(`${String(steps).padStart(3)} steps: ${(least[at] ?? 0) - base} ms more`)
}
