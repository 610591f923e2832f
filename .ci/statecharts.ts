// Writes the pictures of the documentation: below each `<!-- statechart of NAME -->`, the machine of the chain that
// a block above it declares. `npm run pictures`; with `-- --check` it only says what is stale.
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AnyStateMachine } from 'xstate'
import { moduleOf, pages } from './examples.ts'
import { statechart } from './statechart.ts'

const root = join(import.meta.dirname, '..')
const check = process.argv.includes('--check')
const place = mkdtempSync(join(tmpdir(), 'catenary-pictures-'))
symlinkSync(join(root, 'node_modules'), join(place, 'node_modules'), 'junction')
writeFileSync(join(place, 'package.json'), '{ "type": "module" }')

const marker = /^<!-- statechart of (\w+) -->\n(?:\n?```mermaid\n.*?^```\n)?/gms
const stale: string[] = []

/** The chain `name`, by running the block that declares it up to where it makes a supervisor. */
async function machineOf(text: string, name: string, file: string): Promise<AnyStateMachine> {
  const block = [...text.matchAll(/^```ts\n(.*?)^```$/gms)]
    .map((match) => match[1] ?? '')
    .findLast((code) => new RegExp(String.raw`^const ${name} =`, 'm').test(code))
  if (block === undefined) throw new Error(`${file}: no block above declares ${name}`)
  const code = block.split(/^const supervisor/m)[0] ?? ''
  const module = join(place, `${name}-${Math.abs(text.length)}.ts`)
  writeFileSync(module, `${moduleOf({ code })}\nexport { ${name} as drawn }\n`)
  const { drawn } = (await import(pathToFileURL(module).href)) as { drawn: { machine: AnyStateMachine } }
  return drawn.machine
}

try {
  for (const file of pages()) {
    const text = readFileSync(join(root, file), 'utf8')
    let next = text
    for (const { 0: whole, 1: name = '', index } of text.matchAll(marker)) {
      const machine = await machineOf(text.slice(0, index), name, file)
      const picture = `<!-- statechart of ${name} -->\n\n\`\`\`mermaid\n${statechart(machine)}\n\`\`\`\n`
      next = next.replace(whole, () => picture)
    }
    if (next === text) continue
    stale.push(file)
    if (!check) writeFileSync(join(root, file), next)
  }
} finally {
  rmSync(place, { recursive: true })
}
if (stale.length > 0) console.log(`${check ? 'stale' : 'drawn anew'}: ${stale.join(', ')}`)
if (check && stale.length > 0) process.exitCode = 1
