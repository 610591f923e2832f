import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { AnyStateNode } from 'xstate'
import { statechart } from '../../.ci/statechart.ts'
import { chain } from 'catenary'

const root = join(import.meta.dirname, '../..')

test('the pictures show the machines that run; else: npm run pictures', () => {
  const script = ['--import', './.ci/source.ts', '.ci/statecharts.ts', '--check']
  const { stdout, status } = spawnSync(process.execPath, script, { cwd: root, encoding: 'utf8' })
  expect(stdout).toBe('')
  expect(status).toBe(0)
})

test('a picture names every state but the one that cancel leads to', () => {
  const { machine } = chain('all')
    .step('ask', () => 1, { attempts: 2, fallback: () => 2 })
    .parallel('both', { a: (b) => b.step('x', () => 1), b: (b) => b.sleep('nap', '1s') })
    .wait('signal')
  const picture = statechart(machine)
  const open: AnyStateNode[] = Object.values(machine.root.states).filter(({ key }) => key !== 'cancelled')
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const { path } = node
    open.push(...Object.values(node.states))
    expect(picture).toContain(path.join('_').replaceAll('-', '_'))
  }
  expect(picture).not.toContain('cancel')
})
