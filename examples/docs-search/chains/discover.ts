// discover: which packages are there, and whether they are the ones that npm says it installed.

import { join } from 'node:path'
import { chain, NonRetryable } from 'catenary'
import { appOf } from '../app.ts'
import { counted } from '../counted.ts'
import { compareWith, lockfileName, notCompared, pathsInLockfile } from '../packages/lockfile.ts'
import { walk } from '../packages/walk.ts'
import { decode } from '../text/decode.ts'
import { type DocsInput, workspaceOf } from '../workspace.ts'

const largestLockfile = 64 * 1024 * 1024

export const discover = chain<DocsInput | undefined>('discover', {
  description: 'finds the packages under node_modules',
})
  .step(
    'walk',
    counted(async (context) => {
      const { root, limit } = workspaceOf(context)
      const found = await walk(root, appOf(context).files)
      return {
        ...found,
        packages: found.packages.slice(0, limit),
        left: Math.max(0, found.packages.length - limit),
      }
    }),
    {
      attempts: 3,
      backoff: { initial: 100, max: 2_000 },
      timeout: '2m',
      idempotent: true,
      reads: ['node_modules'],
    },
  )
  .step(
    'compare',
    counted(async (context) => {
      const { root, limit } = workspaceOf(context)
      const { files } = appOf(context)
      const decoded = decode((await files.read(join(root, lockfileName), largestLockfile)).bytes)
      const listed = decoded.kind === 'text' ? pathsInLockfile(decoded.text) : undefined
      if (listed === undefined) throw new NonRetryable(`${lockfileName} is no lockfile`)
      const { packages, aliases, recoveries } = context.steps.walk
      const found = [
        ...packages,
        ...[...aliases, ...recoveries].map((one) => ('path' in one ? one.path : one.package)),
      ]
      return Number.isFinite(limit) ? notCompared : compareWith(listed, found)
    }),
    {
      timeout: '30s',
      idempotent: true,
      reads: [lockfileName],
      // yarn and pnpm write none, and the walk alone is all that a search needs
      fallback: () => notCompared,
    },
  )
  .returns(({ steps }) => ({ ...steps.walk, lockfile: steps.compare }))
