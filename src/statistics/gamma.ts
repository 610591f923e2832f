// The logarithm of the gamma function, what Stirling's formula lacks, and the beta density's weight from both.

const halfLogTwoPi = Math.log(2 * Math.PI) / 2

/**
 * What Stirling's formula for ln gamma(x + 1) leaves out: ln x! - ((x + 1/2) ln x - x + ln(2 pi) / 2), for x > 0.
 * Loader, "Fast and accurate computation of binomial probabilities" (2000): differences of these are exact where those
 * of logarithms of factorials cancel.
 */
function stirlingError(x: number): number {
  if (x < 15) return logGamma(x + 1) - ((x + 0.5) * Math.log(x) - x + halfLogTwoPi)
  const square = x * x
  return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square) / square) / square) / x
}

/** ln gamma(x) for x > 0: Stirling's series, after a shift to where it is exact to the last digits. */
export function logGamma(x: number): number {
  let shifted = x
  let product = 1
  while (shifted < 15) product *= shifted++
  const square = shifted * shifted
  const series =
    (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square) / square) / square) / shifted
  return (shifted - 0.5) * Math.log(shifted) - shifted + halfLogTwoPi + series - Math.log(product)
}

/** ln B(a, b) for a, b > 0. */
export const logBeta = (a: number, b: number): number => logGamma(a) + logGamma(b) - logGamma(a + b)

/** x ln(x / mean) + mean - x, without cancellation where they are near. Loader 2000. */
function deviance(x: number, mean: number): number {
  if (Math.abs(x - mean) >= 0.1 * (x + mean)) return x * Math.log(x / mean) + mean - x
  const ratio = (x - mean) / (x + mean)
  let sum = (x - mean) * ratio
  let term = 2 * x * ratio
  for (let odd = 3; odd < 1000; odd += 2) {
    term *= ratio * ratio
    const next = sum + term / odd
    if (next === sum) break
    sum = next
  }
  return sum
}

/** p^x q^(n - x) n! / (x! (n - x)!) for 0 <= x <= n, not only whole ones; q = 1 - p, given to save its digits. */
export function binomialWeight(x: number, n: number, p: number, q: number): number {
  if (p === 0) return x === 0 ? 1 : 0
  if (q === 0) return x === n ? 1 : 0
  if (x === 0) return Math.exp(n * (p < 0.5 ? Math.log1p(-p) : Math.log(q)))
  if (x === n) return Math.exp(n * (q < 0.5 ? Math.log1p(-q) : Math.log(p)))
  const exponent =
    stirlingError(n) - stirlingError(x) - stirlingError(n - x) - deviance(x, n * p) - deviance(n - x, n * q)
  return Math.exp(exponent) * Math.sqrt(n / (2 * Math.PI * x * (n - x)))
}
