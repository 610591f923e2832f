// What may be observed: numbers without NaN, for means without infinities; and how a sample is put in order.

/** Refuses NaN: it has no place in an order, and hides what went wrong before. */
export function refuseNaN(values: readonly number[]): void {
  const at = values.findIndex((value) => Number.isNaN(value))
  if (at >= 0) throw new RangeError(`a sample holds no NaN; observation ${at} is one`)
}

/** Refuses NaN and infinities, for what adds or subtracts observations. */
export function refuseInfinite(values: readonly number[]): void {
  const at = values.findIndex((value) => !Number.isFinite(value))
  if (at >= 0) throw new RangeError(`this needs finite observations; observation ${at} is ${values[at]}`)
}

/** The sample from its least to its greatest, as a copy. Infinities have their place. */
export function ordered(values: readonly number[]): Float64Array {
  refuseNaN(values)
  return Float64Array.from(values).sort()
}

/** A share: from 0 to 1. */
export function refuseNoShare(name: string, value: number): void {
  if (!(value >= 0 && value <= 1)) throw new RangeError(`${name} lies from 0 to 1; it is ${value}`)
}

/** A count: whole, not negative. */
export function refuseNoCount(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new RangeError(`${name} is a whole number, not negative; it is ${value}`)
}
