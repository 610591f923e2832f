// Compares the packages on disk with those that npm says it installed, so that none is missing unnoticed.

export interface LockCheck {
  /** False where there is no lockfile in node_modules: then nothing was compared. */
  readonly compared: boolean
  readonly listed: number
  /** Listed, but not on disk. */
  readonly missing: readonly string[]
  /** On disk, but not listed. */
  readonly extra: readonly string[]
}

export const notCompared: LockCheck = { compared: false, listed: 0, missing: [], extra: [] }

/** The name of npm's own list of what it put into node_modules. */
export const lockfileName = '.package-lock.json'

/** The paths below node_modules that a lockfile lists; undefined where it is none. */
export function pathsInLockfile(text: string): readonly string[] | undefined {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return undefined
  }
  const packages = typeof json === 'object' && json !== null && 'packages' in json ? json.packages : undefined
  if (typeof packages !== 'object' || packages === null) return undefined
  return Object.keys(packages)
    .filter((path) => path.startsWith('node_modules/'))
    .map((path) => path.slice('node_modules/'.length))
    .toSorted()
}

/** @param found every path on disk, second names included. */
export function compareWith(listed: readonly string[], found: readonly string[]): LockCheck {
  const onDisk = new Set(found)
  const named = new Set(listed)
  return {
    compared: true,
    listed: listed.length,
    missing: listed.filter((path) => !onDisk.has(path)),
    extra: found.filter((path) => !named.has(path)).toSorted(),
  }
}
