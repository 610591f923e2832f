// An inspector that listens, over a supervisor on virtual time, with an app of three files and a secret beside it.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Member } from '../../src/chain/members.ts'
import { createInspector, type Inspector } from '../../src/inspector/create-inspector.ts'
import type { InspectorOptions } from '../../src/inspector/inspector-options.ts'
import { createRig, type Rig } from '../engine/rig.ts'
import { type Answer, type Asked, request, send } from './raw.ts'

export interface Served {
  readonly rig: Rig
  readonly inspector: Inspector
  readonly port: number
  readonly url: string
  /** A friend's request, but for what is given; answered over a socket. */
  ask(asked?: Asked): Promise<Answer>
  [Symbol.asyncDispose](): Promise<void>
}

export async function serve(chains: readonly Member[] = [], options: InspectorOptions = {}): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), 'catenary-inspector-'))
  const app = join(folder, 'app')
  mkdirSync(join(app, 'assets'), { recursive: true })
  writeFileSync(join(folder, 'secret.js'), 'the secret')
  writeFileSync(join(app, 'index.html'), '<!doctype html><title>inspector</title>')
  writeFileSync(join(app, 'assets/main.js'), 'export {}')
  writeFileSync(join(app, 'notes.txt'), 'the secret')
  writeFileSync(join(app, '.hidden.js'), 'the secret')
  symlinkSync(join(folder, 'secret.js'), join(app, 'link.js'))
  const rig = await createRig(chains)
  const inspector = createInspector(rig.supervisor, { app, enabled: true, ...options })
  const { url } = await inspector.listen()
  const port = Number(new URL(url).port)
  return {
    rig,
    inspector,
    port,
    url,
    ask: async (asked) => send(port, request(port, inspector.token, asked)),
    async [Symbol.asyncDispose]() {
      await inspector[Symbol.asyncDispose]()
      await rig.until(rig.supervisor.stop())
      rmSync(folder, { recursive: true })
    },
  }
}
