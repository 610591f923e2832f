// Finds the examples of the documentation and of public docstrings, and makes a module that runs of each.
import { globSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

const root = join(import.meta.dirname, '..')

export interface Example {
  /** From the root of the repository. */
  readonly file: string
  readonly line: number
  readonly code: string
}

/** Every `ts` block of a page. */
export function blocksOf(file: string): readonly Example[] {
  const text = readFileSync(join(root, file), 'utf8')
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => ({
    file,
    line: lineAt(text, match.index),
    code: match[1] ?? '',
  }))
}

/** The pages that users read. */
export function pages(): readonly string[] {
  return ['README.md', ...globSync('docs/*.md', { cwd: root }).toSorted()]
}

/** The examples of what entry files export, methods of its classes included. */
export function publicExamples(): readonly Example[] {
  const exported = exportedNames()
  return globSync('src/**/*.ts', { cwd: root })
    .toSorted()
    .flatMap((file) => examplesIn(file).filter(({ owner }) => exported.has(owner)))
    .map(({ file, line, code }) => ({ file, line, code }))
}

function examplesIn(file: string): readonly (Example & { readonly owner: string })[] {
  const text = readFileSync(join(root, file), 'utf8')
  const docstrings = [...text.matchAll(/^( *)\/\*\*\n(.*?)^ *\*\/\n([^\n]*)/gms)]
  return docstrings.flatMap(([all, indent = '', body = '', declaration = ''], at) => {
    const code = /@example\n.*?```ts\n(.*?)^\s*\* ```/ms.exec(body)?.[1]
    if (code === undefined) return []
    const index = docstrings[at]?.index ?? 0
    const before = text.slice(0, index)
    const owner =
      indent === ''
        ? declared.exec(declaration)?.[2]
        : [...before.matchAll(new RegExp(declared, 'gm'))].at(-1)?.[2]
    const line = lineAt(text, index + all.indexOf('@example'))
    return [{ file, line, code: code.replaceAll(/^\s*\* ?/gm, ''), owner: owner ?? '' }]
  })
}

const declared = /^export (?:declare )?(?:async )?(?:abstract )?(function|class|interface|const|type) (\w+)/

/** What the package exports, by name: from where, as an import writes it. */
function exportedNames(): ReadonlyMap<string, { readonly source: string; readonly clause: string }> {
  const names = new Map<string, { source: string; clause: string }>()
  for (const file of globSync('src/*.ts', { cwd: root })) {
    const text = readFileSync(join(root, file), 'utf8')
    const source = sourceOf(file.slice(4, -3))
    for (const [, allTypes, list = ''] of text.matchAll(/^export (type )?\{([^}]*)\}/gm)) {
      for (const one of list
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '')) {
        const name = one.replace(/^type /, '')
        names.set(name, { source, clause: allTypes === undefined ? one : `type ${name}` })
      }
    }
    for (const [, kind = '', name = ''] of text.matchAll(new RegExp(declared, 'gm'))) {
      names.set(name, { source, clause: /interface|type/.test(kind) ? `type ${name}` : name })
    }
  }
  return names
}

/** As the package exports an entry file. */
function sourceOf(entry: string): string {
  if (entry === 'index') return 'catenary'
  return entry === 'fast-check' ? 'catenary/testing/fast-check' : `catenary/${entry}`
}

const others = [
  'zod z',
  '@opentelemetry/sdk-trace TracerProvider InMemorySpanExporter SimpleSpanProcessor',
  'node:sqlite DatabaseSync',
  'node:http createServer',
  'xstate createActor createMachine setup assign fromPromise toPromise',
  'rxjs filter firstValueFrom take',
]

/** What examples speak of without saying what it is. */
const given: Readonly<Record<string, string>> = {
  report: `const report = chain('report').step('print', () => 'printed')`,
  clock: `const clock = createVirtualClock()`,
  shopMachine: `const shopMachine = createMachine({ initial: 'open', states: { open: { type: 'final' } } })`,
  alertMachine: `const alertMachine = createMachine({ initial: 'on', states: { on: { type: 'final' } } })`,
  command: `const command = '{}'`,
  createMyStore: `const createMyStore = (_: string) => createMemoryStore()`,
  freshFile: `const freshFile = () => 'a file'`,
  describe: `const describe = (_: string, suite: () => void) => suite()`,
  test: `const test = (_: string, _run: () => unknown) => {}`,
  expect: `const expect = Object.assign((_: unknown): any => new Proxy({}, { get: () => () => {} }), { extend(_: object) {} })`,
  Database: `interface Database { query(sql: string): unknown }`,
}

/** The example as a module: with the imports and the things given that it leaves out. */
export function moduleOf({ code }: Pick<Example, 'code'>): string {
  const things = Object.entries(given)
    .filter(([name]) => lacks(code, name))
    .map(([, text]) => text)
  const text = [...things, code].join('\n')
  const clauses = new Map<string, string[]>()
  const add = (source: string, clause: string): void =>
    void clauses.set(source, [...(clauses.get(source) ?? []), clause])
  for (const [name, { source, clause }] of exportedNames()) if (lacks(text, name)) add(source, clause)
  for (const line of others) {
    const [source = '', ...names] = line.split(' ')
    for (const name of names) if (lacks(text, name)) add(source, name)
  }
  const imports = [...clauses].map(([source, names]) => `import { ${names.join(', ')} } from '${source}'`)
  return [...imports, text, 'export {}', ''].join('\n')
}

/** Whether a text speaks of a name that it neither declares nor imports. */
function lacks(text: string, name: string): boolean {
  const bare = text.replaceAll(/'[^'\n]*'|\/\/.*$/gm, '')
  if (!new RegExp(String.raw`(?<![.\w])${name}\b(?!:)`).test(bare)) return false
  const says = String.raw`\b(?:const|function|class|interface|type) ${name}\b|^import [^\n]*\b${name}\b`
  return !new RegExp(says, 'm').test(text)
}

const lineAt = (text: string, index: number): number => text.slice(0, index).split('\n').length

/** A name for the file that an example becomes. */
export function nameOf({ file, line }: Pick<Example, 'file' | 'line'>): string {
  return `${relative('.', file).replaceAll(/\W+/g, '-')}-${line}.ts`
}
