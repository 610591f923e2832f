// A small seeded generator of chance, for virtual clocks and simulations: the same seed, the same numbers.

/**
 * Numbers in [0, 1), 32 bits each, by the generator sfc32. Not for secrets.
 *
 * @example
 * ```ts
 * const random = createRandom(42)
 * random() === createRandom(42)() // true
 * ```
 */
export function createRandom(seed: number): () => number {
  const [high = 0, low = 0] = new Uint32Array(new Float64Array([seed]).buffer)
  let a = high
  let b = low
  let c = 0x9e37_79b9
  let counter = 1
  const next = (): number => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return (sum >>> 0) / 2 ** 32
  }
  // The first numbers of near seeds are alike; a dozen steps drive them apart.
  for (let i = 0; i < 12; i++) next()
  return next
}
