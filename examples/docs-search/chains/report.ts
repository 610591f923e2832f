// report: what was found, as canonical JSON and as a page, put in place together with the index it tells of.

import { copyFile, mkdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { chain, optional } from 'catenary'
import { counted } from '../counted.ts'
import { compose } from '../report/compose.ts'
import type { Report } from '../report/contents.ts'
import { page } from '../report/page.ts'
import { type DocsInput, keep, published, recall, workspaceOf, writeWhole } from '../workspace.ts'
import { discover } from './discover.ts'
import { index } from './index-sections.ts'
import { type Licenses, licenses } from './licenses.ts'
import { parse, type ParsedPackages } from './parse.ts'
import { type LinksByPackage, verify } from './verify.ts'

export const report = chain<DocsInput | undefined>('report', {
  description: 'writes the report, publishes the index',
})
  .needs({ discover, parse, index, verify, licenses: optional(licenses) })
  .step(
    'compose',
    counted(async (context) => {
      const workspace = workspaceOf(context)
      const { needs } = context
      const table = needs.licenses?.table
      const composed = compose({
        parsed: await recall<ParsedPackages>(workspace, needs.parse.parsed),
        copies: needs.index.copies,
        links: await recall<LinksByPackage>(workspace, needs.verify.links),
        answers: needs.verify.answers,
        named: needs.verify.named,
        licenses: table === undefined ? undefined : await recall<Licenses>(workspace, table),
        aliases: needs.discover.aliases,
        lockfile: needs.discover.lockfile,
        left: needs.discover.left,
      })
      return { json: await keep(workspace, published.json, composed), totals: composed.totals }
    }),
    { timeout: '1m', idempotent: true, writes: [published.json] },
  )
  .step(
    'render',
    counted(async (context) => {
      const workspace = workspaceOf(context)
      const composed = await recall<Report>(workspace, context.steps.compose.json)
      await writeWhole(workspace.at(published.page), page(composed))
    }),
    { timeout: '1m', idempotent: true, writes: [published.page] },
  )
  .step(
    'publish',
    counted(async (context) => {
      const workspace = workspaceOf(context)
      await mkdir(workspace.dir, { recursive: true })
      const copied = join(workspace.dir, `${published.index}.tmp`)
      await copyFile(workspace.at(published.index), copied)
      await rename(copied, join(workspace.dir, published.index))
      // report.json comes last: where it is new, all is
      for (const file of [published.page, published.json]) {
        await writeWhole(join(workspace.dir, file), await readFile(workspace.at(file)))
      }
      return context.steps.compose
    }),
    {
      attempts: 2,
      timeout: '1m',
      idempotent: true,
      writes: [published.index, published.page, published.json],
    },
  )
