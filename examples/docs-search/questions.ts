// Questions whose answers are known, because package-lock.json pins the documents in which they stand.

export interface Question {
  readonly question: string
  /** The package that must be among the first answers; it is asked only where this is installed. */
  readonly package: string
}

/** Among so many answers the known one must be. */
export const mostAnswers = 5

export const questions: readonly Question[] = [
  { question: 'abort signal', package: 'tinyexec' },
  { question: 'hierarchical nested state machines', package: 'xstate' },
  { question: 'infer a static type from a schema', package: 'zod' },
  { question: 'reactive extensions for JavaScript', package: 'rxjs' },
  { question: 'property based testing', package: 'fast-check' },
  { question: 'unused dependencies and exports', package: 'knip' },
  { question: 'lint a package before publishing it', package: 'publint' },
  { question: 'immutable state', package: 'immer' },
]
