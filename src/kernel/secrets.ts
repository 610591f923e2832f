// What is taken for a secret wherever data leaves the store for people: values by their key, and parts of running text.

/** Stands in the place of a secret. */
export const redacted = '[redacted]'

const always =
  /pass(?:word|wd|phrase|code)|secret|token|auth(?:orization)?$|authorization|cookie|credential|api[-_ ]?key|private[-_ ]?key|access[-_ ]?key|session[-_ ]?id|^(?:pin|cvv|cvc|ssn|jwt|pwd|otp)$/i
/** Secrets in running text: what follows a word for them, a scheme of authorization, or a user's name in a URL. */
const inText: readonly (readonly [RegExp, string])[] = [
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, '$1 [redacted]'],
  [/(:\/\/)[^\s/@:]{1,256}:[^\s/@]{1,256}@/g, '$1[redacted]@'],
  [
    /\b((?:[\w-]{0,32}[-_])?(?:password|passwd|secret|token|api[-_]?key|authorization|cookie))(["']?\s{0,4}[=:]\s{0,4}["']?)[^\s"'&,;})]{3,}/gi,
    '$1$2[redacted]',
  ],
]
const remembered = 2_000

/** Tells whether values of a key are secrets: by the patterns that always hold, and by `more`. */
export function createKeyTest(more: readonly RegExp[] = []): (key: string) => boolean {
  const patterns = [always, ...more.map((one) => new RegExp(one.source, one.flags.replace(/[gy]/g, '')))]
  /** Keys are few and come again and again. */
  const known = new Map<string, boolean>()
  return (key) => {
    const before = known.get(key)
    if (before !== undefined) return before
    const secret = patterns.some((pattern) => pattern.test(key))
    if (known.size < remembered && key.length <= 64) known.set(key, secret)
    return secret
  }
}

/** The text without the secrets that it holds. */
export function withoutSecrets(text: string): string {
  let clean = text
  if (/[\s:=]/.test(text)) for (const [pattern, by] of inText) clean = clean.replace(pattern, by)
  return clean
}

/** A yes or no is no secret, and tells what there is. */
export const hides = (value: unknown): boolean =>
  value !== undefined && value !== null && typeof value !== 'boolean' && value !== ''
