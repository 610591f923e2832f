// First come, first served: lets so many in at a time, in the order in which they came.

export type Queue = <T>(work: () => Promise<T>) => Promise<T>

export function createQueue(places: number): Queue {
  const waiting: (() => void)[] = []
  let taken = 0
  return async (work) => {
    if (taken >= places) await new Promise<void>((resolve) => void waiting.push(resolve))
    else taken++
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) taken--
      else next()
    }
  }
}
