// How long a host waits for `import 'catenary'`, against importing its peers only.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { lineOf } from '../line.ts'
import { type Row, sized } from '../row.ts'

const root = join(import.meta.dirname, '../../..')

export const startup: Row = {
  name: 'startup',
  title: "import 'catenary'",
  method:
    'Processes that import the built package, or only xstate and rxjs; the time that the imports take, in turn. ' +
    'Built into a folder of its own.',
  cases: (size) => [
    {
      name: 'import',
      async measure() {
        const built = build()
        const processes = sized(size, { quick: 1, usual: 25 })
        const ours: number[] = []
        const peers: number[] = []
        const bare: number[] = []
        for (let at = 0; at < processes; at++) {
          ours.push(importing([built.entry]))
          peers.push(importing(['xstate', 'rxjs']))
          bare.push(importing(['xstate']))
        }
        built.remove()
        const of = { case: 'built package', durability: '-', figure: 'ms' }
        return [
          lineOf({
            ...of,
            samples: ours,
            floor: { is: 'xstate and rxjs', samples: peers },
            bar: { of: 'value', most: 90 },
          }),
          lineOf({ ...of, case: 'xstate and rxjs', samples: peers }),
          lineOf({ ...of, case: 'xstate', samples: bare }),
        ]
      },
    },
  ],
}

/** Builds where the package's own imports are found. */
function build(): { readonly entry: string; remove(): void } {
  const cache = join(root, 'node_modules/.cache')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'bench-build-'))
  const { stdout, stderr } = spawnSync(process.execPath, [join(root, '.ci/build.ts'), folder], {
    cwd: root,
    encoding: 'utf8',
  })
  const entry = join(folder, 'src/index.js')
  if (!existsSync(entry)) throw new Error(`the package does not build: ${stdout}${stderr}`)
  return {
    entry: pathToFileURL(entry).href,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

function importing(modules: readonly string[]): number {
  const imports = modules.map((name) => `await import(${JSON.stringify(name)})`).join('\n')
  const script = `const before = performance.now()\n${imports}\nconsole.log(performance.now() - before)`
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: root,
    encoding: 'utf8',
  })
  return Number(stdout)
}
