// The beta distribution, with the binomial and Student's t that follow from it.

import { binomialWeight } from './gamma.ts'

/**
 * The continued fraction of the incomplete beta function by Lentz's method, without its leading weight. Press et al.,
 * "Numerical Recipes", 6.4. It needs some sqrt(max(a, b)) terms where x <= (a + 1) / (a + b + 2).
 */
function betaFraction(a: number, b: number, x: number): number {
  const kept = (value: number): number => (Math.abs(value) < 1e-300 ? 1e-300 : value)
  const limit = 500 + 10 * Math.sqrt(Math.max(a, b))
  let c = 1
  let d = 1 / kept(1 - ((a + b) * x) / (a + 1))
  let fraction = d
  for (let m = 1; m < limit; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / kept(1 + even * d)
    c = kept(1 + even / c)
    fraction *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / kept(1 + odd * d)
    c = kept(1 + odd / c)
    fraction *= d * c
    if (Math.abs(d * c - 1) < 1e-16) break
  }
  return fraction
}

/** x^a (1 - x)^b / B(a, b). */
const weight = (a: number, b: number, x: number): number =>
  ((a * b) / (a + b)) * binomialWeight(a, a + b, x, 1 - x)

/** The regularised incomplete beta function I_x(a, b) for a, b > 0: P(X <= x) of a beta distributed X. */
export function betaCdf(a: number, b: number, x: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  return x <= (a + 1) / (a + b + 2)
    ? (weight(a, b, x) * betaFraction(a, b, x)) / a
    : 1 - (weight(b, a, 1 - x) * betaFraction(b, a, 1 - x)) / b
}

/** The x with I_x(a, b) = p: Newton's steps, kept in a bracket that halves where they leave it. */
export function betaQuantile(a: number, b: number, p: number): number {
  if (p <= 0) return 0
  if (p >= 1) return 1
  let low = 0
  let high = 1
  let x = a / (a + b)
  for (let tries = 0; tries < 200; tries++) {
    const error = betaCdf(a, b, x) - p
    if (error > 0) high = x
    else low = x
    const step = (error * x * (1 - x)) / weight(a, b, x)
    if (Math.abs(step) <= 1e-15 * x || high - low <= 1e-16 * high) return x
    x = x - step > low && x - step < high ? x - step : (low + high) / 2
  }
  return x
}

/** P(B <= k) of n trials that succeed with chance p. */
export function binomialCdf(k: number, n: number, p: number): number {
  if (k < 0) return 0
  if (k >= n) return 1
  return betaCdf(n - k, k + 1, 1 - p)
}

/** P(|T| >= |t|) of Student's t with so many degrees of freedom. */
export const studentTwoSided = (t: number, freedom: number): number =>
  betaCdf(freedom / 2, 0.5, freedom / (freedom + t * t))
