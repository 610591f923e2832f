// alert: joins every run of these chains, however they end, and says aloud what went wrong or was made do without.

import { join } from 'node:path'
import { chain } from 'catenary'
import { counted } from '../counted.ts'
import { alertText, type Ends } from '../report/alert-text.ts'
import type { Recovery } from '../recovery.ts'
import { type DocsInput, forget, published, recall, workspaceOf, writeWhole } from '../workspace.ts'
import { index } from './index-sections.ts'
import { licenses } from './licenses.ts'
import { parse, type ParsedPackages } from './parse.ts'
import { report } from './report.ts'
import { verify } from './verify.ts'

export const alert = chain<DocsInput | undefined>('alert', {
  description: 'says what was skipped or degraded',
})
  .follows({ parse, index, verify, licenses, report }, { when: 'all_done' })
  .step(
    'write',
    counted(async (context) => {
      const workspace = workspaceOf(context)
      const { needs } = context
      const recoveries: Recovery[] = []
      if (needs.parse.status === 'succeeded') {
        recoveries.push(...(await recall<ParsedPackages>(workspace, needs.parse.output.parsed)).recoveries)
      }
      if (needs.index.status === 'succeeded') recoveries.push(...needs.index.output.copies)
      const ends: Ends = needs
      const text = alertText(ends, recoveries)
      const file = join(workspace.dir, published.alert)
      if (text === undefined) await forget(file)
      else await writeWhole(file, text)
      return { alerts: text === undefined ? 0 : text.trimEnd().split('\n').length - 1 }
    }),
    { attempts: 2, timeout: '30s', idempotent: true, writes: [published.alert] },
  )
