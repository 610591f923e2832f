// licenses: which licence every package has. A branch that the report takes where there is one, and else does without.

import { chain } from 'catenary'
import { appOf } from '../app.ts'
import { counted } from '../counted.ts'
import { findLicense, type FoundLicense } from '../packages/find-license.ts'
import { type DocsInput, keep, workspaceOf } from '../workspace.ts'
import { discover } from './discover.ts'

/** What `licenses.json` holds. */
export type Licenses = readonly FoundLicense[]

export const licenses = chain<DocsInput | undefined>('licenses', {
  description: 'finds the licence of every package',
})
  .needs({ discover })
  .each(
    'find',
    ({ needs }) => needs.discover.packages,
    counted(async (path, context) => findLicense(workspaceOf(context).root, path, appOf(context).files)),
    {
      key: (path) => path,
      inFlight: 8,
      // a table with holes is worse than none: the first package that fails for good fails the chain
      onFailure: 'fail',
      attempts: 3,
      backoff: { initial: 50, max: 1_000 },
      timeout: '30s',
      pure: true,
      reads: ['node_modules'],
    },
  )
  .step(
    'table',
    counted(async (context) => {
      const found: Licenses = context.steps.find
      const table = await keep(workspaceOf(context), 'licenses.json', found)
      return { table, known: found.filter(({ license }) => license !== null).length }
    }),
    { timeout: '30s', idempotent: true, writes: ['licenses.json'] },
  )
