// The law of the house that no linter can express: who may import whom. `node .ci/floors.ts [root]`
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { importsOf, lineOf, type Import } from './imports.ts'

/** From the ground up; a folder imports from its own floor and those below. `entry` is src/*.ts. */
const floors = [
  ['kernel', 'machines'],
  ['definition', 'statistics'],
  ['chain', 'journal', 'execution'],
  ['observe', 'analysis'],
  ['reflection'],
  ['supervision'],
  ['engine'],
  ['sqlite', 'restate', 'inspector', 'telemetry', 'testing'],
  ['cli'],
  ['entry'],
]

const core = [
  'kernel',
  'definition',
  'statistics',
  'chain',
  'journal',
  'execution',
  'observe',
  'analysis',
  'reflection',
  'supervision',
  'engine',
]
const withoutXState = [
  'kernel',
  'statistics',
  'analysis',
  'reflection',
  'sqlite',
  'restate',
  'inspector',
  'telemetry',
  'cli',
]
const wireProtocol = /^src\/inspector\/protocol\.ts$/
/** `new Date()`, outside of comments; `new Date(value)` is data. */
const readsToday = /^(?!\s*(?:\*|\/\/|\/\*)).*\bnew Date(?:\(\)|(?![\w(]))/m
const vagueName = /(^|\/)(utils?|types?|helpers?|common|misc|shared|index)\.ts$/

/** Where a file lives: a folder of src, or machines, entry, app, examples, test, tools. */
function roomOf(file: string): string {
  const [top = '', folder = '', ...rest] = file.split('/')
  if (top === 'src') return rest.length > 0 ? folder : 'entry'
  if (top === 'inspector') return 'app'
  return ['machines', 'examples', 'test'].includes(top) ? top : 'tools'
}

const floorOf = (room: string): number => floors.findIndex((rooms) => rooms.includes(room))
const packageOf = (specifier: string): string =>
  specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
const isNode = (specifier: string): boolean => specifier.startsWith('node:')

/** One law: says what is wrong with an import, or nothing. The first that speaks is reported. */
type Law = (
  from: string,
  to: string | undefined,
  it: Import,
  dependencies: ReadonlySet<string>,
) => string | undefined

const laws: Law[] = [
  (from, to, { specifier }) =>
    from === 'machines' && to !== 'machines' && packageOf(specifier) !== 'xstate'
      ? 'machines are pure: they import only xstate and each other'
      : undefined,

  (from, to, { file, target, specifier }) => {
    if (from !== 'examples') return undefined
    const own = file.split('/').slice(0, 2).join('/')
    return (to && !target?.startsWith(`${own}/`) && target !== own) ||
      /^catenary\/(src|dist)\b/.test(specifier)
      ? 'an example imports only what the package exports'
      : undefined
  },

  (from, to, { target, specifier }) => {
    if (from !== 'app') return undefined
    const allowed = to
      ? to === 'app' || wireProtocol.test(target ?? '')
      : !isNode(specifier) && packageOf(specifier) !== 'catenary'
    return allowed ? undefined : 'the inspector app knows only the wire protocol, src/inspector/protocol.ts'
  },

  (from, to, { specifier }) =>
    floorOf(from) >= 0 && (to === 'entry' || packageOf(specifier) === 'catenary')
      ? 'nothing imports an entry file: import the file that has it'
      : undefined,

  (from, to, { file }) =>
    floorOf(from) >= 0 &&
    to === 'testing' &&
    from !== 'testing' &&
    !['src/testing.ts', 'src/fast-check.ts'].includes(file)
      ? 'production code never imports src/testing'
      : undefined,

  (from, to) =>
    floorOf(from) >= 0 && to && floorOf(to) < 0
      ? 'what is published imports only src and machines'
      : undefined,

  (from, to) =>
    to && floorOf(from) >= 0 && floorOf(to) > floorOf(from)
      ? `${to} is a floor above ${from}: imports go down only (${floors.map((rooms) => rooms.join(' ')).join(' < ')})`
      : undefined,

  (from, to, { specifier }) =>
    !to && core.includes(from) && /^(node:sqlite|@restatedev\/|@opentelemetry\/)/.test(specifier)
      ? 'a core folder knows no database, no Restate, no OpenTelemetry: adapters are handed in'
      : undefined,

  (from, to, { specifier }) =>
    !to && withoutXState.includes(from) && packageOf(specifier) === 'xstate'
      ? "XState's shapes stay behind their seam: chain, journal, execution, supervision, observe, engine, testing"
      : undefined,

  (from, to, { specifier }, dependencies) =>
    !to && floorOf(from) >= 0 && !isNode(specifier) && !dependencies.has(packageOf(specifier))
      ? 'what is published imports only node: and what package.json lists under dependencies or peerDependencies'
      : undefined,
]

/** Folders that reach themselves over others, each circle once, with an import that closes each step. */
function circles(imports: Import[]): string[] {
  const steps = new Map<string, Map<string, Import>>()
  for (const it of imports) {
    const from = roomOf(it.file)
    const to = it.target && roomOf(it.target)
    if (!to || from === to || floorOf(from) < 0 || floorOf(to) < 0) continue
    const onward = steps.get(from) ?? new Map<string, Import>()
    if (!onward.has(to)) onward.set(to, it)
    steps.set(from, onward)
  }
  const found = new Map<string, string>()
  const walk = (path: string[]): void => {
    for (const [to] of steps.get(path.at(-1) ?? '') ?? []) {
      const start = path.indexOf(to)
      if (start < 0) walk([...path, to])
      else {
        const ring = path.slice(start)
        const proof = ring.map((room, i) => {
          const it = steps.get(room)?.get(ring[(i + 1) % ring.length] ?? '')
          return `${it?.file}:${it?.line} imports ${it?.specifier}`
        })
        const key = ring.toSorted().join(' ')
        found.set(
          key,
          [`${[...ring, to].join(' -> ')}: folders never import in a circle`, ...proof].join('\n    '),
        )
      }
    }
  }
  for (const room of steps.keys()) walk([room])
  return [...found.values()]
}

/** What is wrong with a published file by itself, by line. */
function flaws(file: string, text: string): [line: number, flaw: string][] {
  const at = (pattern: RegExp, flaw: string): [number, string][] => {
    const hit = pattern.exec(text)
    return hit ? [[lineOf(text, hit.index), flaw]] : []
  }
  const clock = file.startsWith('src/kernel/clock')
  return [
    ...at(/^(?!(?:#!.*\n)?(?:\/\/|\/\*))/, 'a file opens with one sentence: what it is for'),
    ...at(/^export \*/m, 'never export *: name what is exported'),
    ...(clock ? [] : at(readsToday, 'only src/kernel/clock touches time: take the clock port')),
    ...(roomOf(file) !== 'entry' && vagueName.test(file)
      ? [[1, 'name a file for its one noun or verb'] satisfies [number, string]]
      : []),
  ]
}

/** Everything that breaks the law in the repository at `root`; empty when the house is in order. */
export function complaints(root: string): string[] {
  const { dependencies = {}, peerDependencies = {} } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  ) as { dependencies?: object; peerDependencies?: object }
  const given = new Set([...Object.keys(dependencies), ...Object.keys(peerDependencies)])

  const found: string[] = []
  const imports: Import[] = []
  const files = globSync('{src,machines,inspector,examples}/**/*.{ts,tsx}', { cwd: root })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => !/(^|\/)(node_modules|fixtures)\//.test(file))
  for (const file of files.toSorted()) {
    const text = readFileSync(join(root, file), 'utf8')
    imports.push(...importsOf(file, text))
    if (floorOf(roomOf(file)) >= 0)
      found.push(...flaws(file, text).map(([line, flaw]) => `${file}:${line}: ${flaw}`))
    else if (file.startsWith('src/'))
      found.push(`${file}: src/${roomOf(file)} has no floor: give it one in .ci/floors.ts`)
  }

  for (const it of imports) {
    const from = roomOf(it.file)
    const to = it.target && roomOf(it.target)
    for (const law of laws) {
      const wrong = law(from, to, it, given)
      if (!wrong) continue
      found.push(`${it.file}:${it.line}: imports ${it.specifier}; ${wrong}`)
      break
    }
  }
  return [...found, ...circles(imports)]
}

if (process.argv[1] === import.meta.filename) {
  const found = complaints(resolve(process.argv[2] ?? dirname(import.meta.dirname)))
  for (const complaint of found) console.log(complaint)
  if (found.length > 0) process.exitCode = 1
}
