// Asks now and then why a run stands where it stands, for the watch to hold it against what then happens.

import { createRandom } from '../../kernel/random.ts'
import { drawFrom } from './draw.ts'
import type { Host } from './host.ts'
import type { Watch } from './watch.ts'

/** About so many times out of 100 steps. */
const often = 4

/** Draws by a chance of its own, so that who listens changes nothing in the world. */
export function createListening(
  seed: number,
  watch: Watch,
): { readonly ask: (hosts: readonly Host[]) => void } {
  const draw = drawFrom(createRandom(seed ^ 0x5e_ed))
  const explain = async ({ supervisor }: Host, run: string): Promise<void> => {
    const one = await supervisor?.get(run)
    watch.catchUp()
    const { read } = watch
    const explanation = await one?.explain()
    watch.catchUp()
    // what was written while it was read may be in it or not
    if (explanation === undefined || watch.read !== read) return
    watch.words.said(run, watch.lastSeq(run), explanation)
  }
  return {
    ask(hosts) {
      if (!draw.likely(often)) return
      const runs = [...watch.runs.runs].filter(([, { ended }]) => ended === undefined || draw.likely(5))
      if (runs.length === 0) return
      const [run] = draw.pick(runs)
      // one that dies or fails meanwhile gives no answer
      explain(draw.pick(hosts), run).catch(() => {})
    },
  }
}
