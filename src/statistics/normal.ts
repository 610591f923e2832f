// The normal distribution: its share below a value, and the value below which a share lies.

const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)

/** P(Z > x) for x >= 3 over the density at x: Laplace's continued fraction, from its end. */
function tailRatio(x: number): number {
  let fraction = x
  for (let k = 120; k >= 1; k--) fraction = x + k / fraction
  return 1 / fraction
}

/**
 * P(Z <= x). In the middle the series x + x^3 / 3 + x^5 / 15 + ... (Marsaglia, "Evaluating the normal distribution",
 * 2004), further out a continued fraction, so that small tails keep their digits.
 */
export function normalCdf(x: number): number {
  if (x <= -3) return density(x) * tailRatio(-x)
  if (x >= 3) return 1 - density(x) * tailRatio(x)
  let sum = x
  let term = x
  for (let odd = 3; Math.abs(term) > Math.abs(sum) * 1e-17; odd += 2) {
    term *= (x * x) / odd
    sum += term
  }
  return 0.5 + density(x) * sum
}

/** P(|Z| >= |z|). */
export const normalTwoSided = (z: number): number => Math.min(1, 2 * normalCdf(-Math.abs(z)))

/**
 * The x with P(Z <= x) = p. A first guess to four digits (Hastings; Abramowitz and Stegun 26.2.23), then Halley's steps,
 * each of which triples the digits.
 */
export function normalQuantile(p: number): number {
  if (Number.isNaN(p) || p < 0 || p > 1) throw new RangeError(`a share lies from 0 to 1; it is ${p}`)
  if (p === 0) return -Infinity
  if (p === 0.5) return 0
  if (p > 0.5) return -normalQuantile(1 - p)
  const t = Math.sqrt(-2 * Math.log(p))
  let x = -(
    t -
    (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
  )
  for (let step = 0; step < 3; step++) {
    const slope = (normalCdf(x) - p) / density(x)
    x -= slope / (1 + (x * slope) / 2)
  }
  return x
}
