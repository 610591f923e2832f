// All that the inspector shows of a store, each view made anew from the journal whenever it is asked for.

import type { ChainView, ChainsView, EventsView, InboxView, NowView, RunView, RunsView } from '../protocol.ts'
import { viewChain, viewChains } from './chains.ts'
import { type Charts, chartOf } from './charts.ts'
import { createDigests } from './digests.ts'
import { createDeclarations } from './declarations.ts'
import { viewEvents } from './events.ts'
import { viewInbox } from './inbox.ts'
import { viewNow } from './now.ts'
import { viewRun } from './run.ts'
import { viewRuns } from './runs.ts'
import type { ViewSource } from './source.ts'

/** What `protocol.ts` says of each; `asked` are the parameters of the request. */
export interface Views {
  now(): Promise<NowView>
  inbox(): Promise<InboxView>
  runs(asked: URLSearchParams): Promise<RunsView>
  /** Rejects with RUN_UNKNOWN. */
  run(run: string, asked: URLSearchParams): Promise<RunView>
  events(run: string, asked: URLSearchParams): Promise<EventsView>
  chains(): Promise<ChainsView>
  /** Undefined where nothing is declared of it. */
  chain(chain: string): Promise<ChainView | undefined>
}

export function createViews(source: ViewSource): Views {
  const digests = createDigests(source)
  const declarations = createDeclarations(() => source.reader)
  const charts: Charts = async (id) => {
    const declared = (await declarations()).chain(id)
    return declared === undefined ? undefined : chartOf(declared.machine)
  }
  return {
    now: async () => viewNow(source),
    inbox: async () => viewInbox(source),
    runs: async (asked) => viewRuns(source, asked),
    run: async (run, asked) => viewRun(source, charts, run, asked),
    events: async (run, asked) => viewEvents(source, run, asked),
    chains: async () => viewChains(digests, declarations),
    chain: async (chain) => viewChain(digests, declarations, chain),
  }
}
