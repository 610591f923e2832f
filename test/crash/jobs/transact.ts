// The transact job: `transact.ts <folder> <payments>` asks for payments, half of them in transactions of the host's own.

import { join } from 'node:path'
import { createSupervisor } from 'catenary'
import { writeWhole } from '../../../examples/docs-search/workspace.ts'
import { payAll } from './pay.ts'
import { payment, receipt } from './payments.ts'
import { tellSeen } from './seen.ts'

const [folder = '.', payments = '10'] = process.argv.slice(2)
const file = join(folder, 'app.db')
await using supervisor = await createSupervisor({
  chains: [payment, receipt],
  store: file,
  concurrency: 8,
  hibernateAfter: 20,
})
tellSeen(supervisor.events$)
const results: Record<string, unknown> = {}
await payAll(supervisor, file, Number(payments), results)
await writeWhole(join(folder, 'results.json'), JSON.stringify(results))
