// Says it in a sentence when the Node that runs is too old, before something that it lacks is missed.

import { CatenaryError } from './errors.ts'

const oldest = [22, 18] as const

/** @param version as `process.versions.node` has it. */
export function refuseOldNode(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return
  throw new CatenaryError(
    'NODE_TOO_OLD',
    `Catenary needs Node ${oldest.join('.')} or newer, and this is ${version}: update Node`,
  )
}
