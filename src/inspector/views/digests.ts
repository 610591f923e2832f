// What the runs of late say of their chains: read once of each run that has ended.

import { readTimeline } from '../../engine/runs/explain.ts'
import type { RunHead } from '../../journal/store.ts'
import type { RunTimeline } from '../../observe/timeline.ts'
import type { ChainEdge } from '../protocol.ts'
import type { ViewSource } from './source.ts'

export interface Digest {
  readonly chains: readonly {
    readonly id: string
    readonly version: string
    readonly status: string
    readonly steps: readonly string[]
  }[]
  readonly edges: readonly ChainEdge[]
}

/** Of the newest runs, the newest first. */
export type Digests = () => Promise<readonly Digest[]>

const mostRuns = 200
/** Runs that are read for one question; the others are known, or come with the next. */
const mostRead = 60

export function createDigests(source: ViewSource): Digests {
  const known = new Map<string, { readonly endedAt: number; readonly digest: Digest }>()
  return async () => {
    const heads = await source.reader.heads({ limit: mostRuns })
    const present = new Set(heads.map(({ run }) => run))
    for (const run of known.keys()) if (!present.has(run)) known.delete(run)
    let read = 0
    const digestOfHead = async ({ run, endedAt }: RunHead): Promise<readonly Digest[]> => {
      const kept = known.get(run)
      // a run that was retried ends anew, or has no end
      if (kept !== undefined && kept.endedAt === endedAt) return [kept.digest]
      if (++read > mostRead) return []
      const digest = digestOf(await readTimeline(source.reader, run))
      if (endedAt !== null) known.set(run, { endedAt, digest })
      return [digest]
    }
    return (await Promise.all(heads.map(digestOfHead))).flat()
  }
}

function digestOf({ state, chains }: RunTimeline): Digest {
  const idOf = (key: string): string => state.nodes.get(key)?.chain ?? key
  const all = [...chains.values()]
  return {
    chains: all.map(({ node, steps }) => ({
      id: node.chain,
      version: node.version,
      status: node.status,
      steps: [...steps.keys()],
    })),
    edges: all.flatMap(({ node }) => [
      ...node.needs.map(({ key, name, kind }) => ({ from: idOf(key), to: node.chain, name, kind })),
      ...(node.call === undefined
        ? []
        : [{ from: node.chain, to: idOf(node.call.chain), name: node.call.step, kind: 'call' }]),
    ]),
  }
}
