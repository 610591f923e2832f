// The job whose step kills its own process, each time: `poison.ts <folder>`; then a sound run in the same store.

import { join } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import { chain, createSupervisor } from 'catenary'
import { counted, countLine } from '../../../examples/docs-search/counted.ts'

const [folder = '.'] = process.argv.slice(2)

const poison = chain('poison').step(
  'drink',
  counted((): void => void process.kill(process.pid, 'SIGKILL')),
  { attempts: 100, backoff: { initial: 0 } },
)
const sound = chain('sound').step(
  'work',
  counted(() => 'done'),
)

await using supervisor = await createSupervisor({ chains: [poison, sound], store: join(folder, 'app.db') })
const dying = await supervisor.start(poison, undefined, { id: 'poison' })
countLine('accepted poison')
while ((await dying.status()) === 'running') await later(5)
await supervisor.run(sound, undefined, { id: 'sound' })
countLine('ended sound')
process.stdout.write(await dying.status())
