// What tests have visited of the machines of chains, as they leave it for the analyzer: one file for each process of tests.

/** One transition of a machine. */
export interface TransitionCoverage {
  /** The same in every process, for one version of the chain. */
  readonly id: string
  /** Such as `fetch.running --failed--> fetch.recovering`. */
  readonly label: string
  /** The step, or other entry of the chain, that it belongs to; empty for none. */
  readonly step: string
  /** Whether it is for dealing with what goes wrong. */
  readonly recovery: boolean
  readonly visited: boolean
  /** What has to happen for it, in order; absent where that is not known. */
  readonly by?: readonly string[]
}

/** One version of a chain's machine. */
export interface ChainCoverage {
  readonly chain: string
  readonly version: string
  readonly transitions: readonly TransitionCoverage[]
}

/** What a file of coverage holds. */
export interface CoverageFile {
  readonly schema: 1
  readonly chains: readonly ChainCoverage[]
}

/** By `chain\nversion`. */
export type CoverageFound = ReadonlyMap<string, ChainCoverage>

/** What several processes visited, as one: a transition is visited where any of them has. */
export function mergeCoverage(files: readonly CoverageFile[]): CoverageFound {
  const merged = new Map<string, Map<string, TransitionCoverage>>()
  for (const { chain, version, transitions } of files.flatMap(({ chains }) => chains)) {
    const key = `${chain}\n${version}`
    const known = merged.get(key) ?? new Map<string, TransitionCoverage>()
    merged.set(key, known)
    for (const one of transitions) if (one.visited || !known.has(one.id)) known.set(one.id, one)
  }
  return new Map(
    [...merged].map(([key, transitions]) => {
      const [chain = '', version = ''] = key.split('\n')
      return [key, { chain, version, transitions: [...transitions.values()] }]
    }),
  )
}

/** Reads a file's text; undefined where it is none of coverage. */
export function parseCoverage(text: string): CoverageFile | undefined {
  let read: Partial<CoverageFile> | null
  try {
    read = JSON.parse(text) as Partial<CoverageFile> | null
  } catch {
    return undefined
  }
  const isChain = (one: Partial<ChainCoverage> | null): boolean =>
    typeof one?.chain === 'string' && typeof one.version === 'string' && Array.isArray(one.transitions)
  return read?.schema === 1 && Array.isArray(read.chains) && read.chains.every(isChain)
    ? (read as CoverageFile)
    : undefined
}
