// Draws of a generated world: from seeded chance, or from a list of choices that a property test can shrink.

/** Everything generated is drawn through this; the least draw is always the simplest choice. */
export interface Draw {
  /** A whole number from 0 to below `count`. */
  below(count: number): number
  /** True about `times` out of 100. */
  likely(times: number): boolean
  pick<T>(from: readonly T[]): T
}

export function drawFrom(random: () => number): Draw {
  return drawBy((count) => Math.floor(random() * count))
}

/** Each choice is used once, in order; after the last, everything drawn is the simplest. */
export function drawFromChoices(choices: readonly number[]): Draw {
  let next = 0
  return drawBy((count) => (choices[next++] ?? 0) % count)
}

function drawBy(below: (count: number) => number): Draw {
  return {
    below,
    likely: (times) => below(100) >= 100 - times,
    pick(from) {
      if (from.length === 0) throw new RangeError('there is nothing to pick from')
      return from[below(from.length)] as (typeof from)[number]
    },
  }
}

/** A number in [0, 1) that depends on nothing but the seed and the name. */
export function chanceOf(seed: number, name: string): number {
  let h = (0x81_1c_9d_c5 ^ seed) >>> 0
  for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x01_00_01_93)
  h = Math.imul(h ^ (h >>> 16), 0x85_eb_ca_6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2_b2_ae_35)
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32
}
