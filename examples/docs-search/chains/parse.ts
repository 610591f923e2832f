// parse: the documents of every package, read and split into sections, many packages at once.

import { chain, NonRetryable } from 'catenary'
import { appOf } from '../app.ts'
import { counted } from '../counted.ts'
import { codeOf, mayPass } from '../files.ts'
import type { Parsed } from '../packages/chunk.ts'
import { readPackage } from '../packages/read-package.ts'
import { rescuePackage } from '../packages/rescue-package.ts'
import { noteRetry, retriesOf } from '../packages/retry-note.ts'
import { type Recovery, sortRecoveries } from '../recovery.ts'
import { type DocsInput, keep, workspaceOf } from '../workspace.ts'
import { discover } from './discover.ts'

/** What `parsed.json` holds. */
export interface ParsedPackages {
  readonly packages: readonly Parsed[]
  readonly recoveries: readonly Recovery[]
}

export const parse = chain<DocsInput | undefined>('parse', { description: 'reads and splits every document' })
  .needs({ discover })
  .each(
    'read',
    ({ needs }) => needs.discover.packages,
    counted(async (path, context) => {
      const workspace = workspaceOf(context)
      try {
        const parsed = await readPackage(path, {
          workspace,
          files: appOf(context).files,
          signal: context.signal,
        })
        return { ...parsed, recoveries: [...parsed.recoveries, ...(await retriesOf(workspace, path))] }
      } catch (error) {
        if (context.signal.aborted) throw error
        const reason = `cannot be read (${codeOf(error)})`
        // what will not pass is not tried again: the next fan-out takes care of it
        if (!mayPass(error)) throw new NonRetryable(reason, { cause: error })
        await noteRetry(workspace, path, reason)
        throw new Error(reason, { cause: error })
      }
    }),
    {
      key: (path) => path,
      inFlight: 16,
      onFailure: 'collect',
      attempts: 3,
      backoff: { initial: 50, factor: 4, max: 1_000 },
      timeout: '30s',
      idempotent: true,
      reads: ['node_modules'],
      writes: ['chunks'],
    },
  )
  .each(
    'rescue',
    ({ needs, steps }) =>
      needs.discover.packages.flatMap((path, place) => {
        const outcome = steps.read[place]
        if (outcome === undefined || outcome.status === 'succeeded') return []
        return [{ path, reason: outcome.status === 'failed' ? outcome.failure.message : outcome.status }]
      }),
    counted(async (lost, context) => rescuePackage(lost, workspaceOf(context), appOf(context).files)),
    { key: ({ path }) => path, inFlight: 16, timeout: '30s', idempotent: true, writes: ['chunks'] },
  )
  .step(
    'gather',
    counted(async (context) => {
      const { needs, steps } = context
      const read = steps.read.flatMap((outcome) => (outcome.status === 'succeeded' ? [outcome.output] : []))
      const packages = [...read, ...steps.rescue].toSorted((a, b) => (a.path < b.path ? -1 : 1))
      const found = [...needs.discover.recoveries, ...packages.flatMap(({ recoveries }) => recoveries)]
      const recoveries = sortRecoveries(found)
      const parsed = await keep(workspaceOf(context), 'parsed.json', { packages, recoveries })
      const sections = packages.reduce((sum, one) => sum + one.sections, 0)
      return { parsed, packages: packages.length, sections, recoveries: recoveries.length }
    }),
    { timeout: '1m', idempotent: true, writes: ['parsed.json'] },
  )
