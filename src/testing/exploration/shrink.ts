// Makes a run in which something does not hold shorter, as long as the same does not hold.

import type { Fault } from './fault.ts'
import type { Story } from './story.ts'

/** Most runs that are tried. */
const mostTries = 300

/** @param run tells the story of a script. */
export async function shrink(
  found: Story,
  run: (faults: readonly Fault[]) => Promise<Story>,
): Promise<Story> {
  const invariant = found.broken?.invariant
  let best = found
  let tries = 0
  const better = async (faults: readonly Fault[]): Promise<boolean> => {
    if (tries++ >= mostTries) return false
    const story = await run(faults)
    if (story.broken?.invariant !== invariant) return false
    if (story.faults.length > best.faults.length || story.lines.length > best.lines.length) return false
    if (story.faults.length === best.faults.length && story.lines.length === best.lines.length) return false
    best = story
    return true
  }
  for (let improved = true; improved && tries < mostTries;) {
    improved = false
    for (const candidate of shorter(best.faults)) {
      if (!(await better(candidate))) continue
      improved = true
      break
    }
  }
  return best
}

/** With one fault less, then with one that comes earlier. */
function* shorter(faults: readonly Fault[]): Generator<readonly Fault[]> {
  for (const index of faults.keys()) yield faults.toSpliced(index, 1)
  for (const [index, fault] of faults.entries())
    for (let nth = 1; nth < (fault.nth ?? 1); nth++) yield faults.with(index, { ...fault, nth })
}
