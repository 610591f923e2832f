// Restart strategies, one row each: whom the restart of a child takes along.

export type Strategy = 'one_for_one' | 'rest_for_one' | 'one_for_all' | 'simple_one_for_one'

export interface StrategyRow {
  /** Ids that are stopped and started anew, in start order, the failed one among them. */
  readonly affected: (ids: Iterable<string>, failed: string) => readonly string[]
  /** Children come and go by admin calls only, their specs with them, and all stop at once. */
  readonly dynamic: boolean
}

const alone = (_: Iterable<string>, failed: string): readonly string[] => [failed]

export const strategies: Readonly<Record<Strategy, StrategyRow>> = {
  one_for_one: { affected: alone, dynamic: false },
  rest_for_one: {
    affected: (ids, failed) => {
      const all = [...ids]
      return all.slice(all.indexOf(failed))
    },
    dynamic: false,
  },
  one_for_all: { affected: (ids) => [...ids], dynamic: false },
  simple_one_for_one: { affected: alone, dynamic: true },
}

export function isStrategy(name: unknown): name is Strategy {
  return typeof name === 'string' && Object.hasOwn(strategies, name)
}
