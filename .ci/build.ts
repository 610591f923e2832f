// Builds dist/ from src and machines, from scratch: types file by file, as far as an entry leads to them; code in few
// files, as each one loaded costs, without comments and indentation; functions and classes keep their names.
// `node .ci/build.ts [folder]`
import { spawnSync } from 'node:child_process'
import { chmodSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'vite'
import { buildInspector } from './build-inspector.ts'
import { keepReachable } from './declarations.ts'
import { oneStatementALine } from './lines.ts'

const root = join(import.meta.dirname, '..')
const out = resolve(process.argv[2] ?? join(root, 'dist'))
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, string | { types: string }>
}
/** The entry files of the package, by name. */
const exported = Object.values(exports).flatMap((entry) =>
  typeof entry === 'string' ? [] : [entry.types.replace(/^\.\/dist\/src\/(.+)\.d\.ts$/, '$1')],
)
const entries = [...exported, 'cli', 'sqlite/writer-thread']
rmSync(out, { recursive: true, force: true })

const compiler = join(root, 'node_modules/typescript/bin/tsc')
const { status } = spawnSync(process.execPath, [compiler, '-p', '.ci/tsconfig.build.json', '--outDir', out], {
  cwd: root,
  stdio: 'inherit',
})
if (status !== 0) process.exit(status ?? 1)
keepReachable(
  out,
  exported.map((entry) => `src/${entry}.d.ts`),
)

await build({
  root,
  configFile: false,
  logLevel: 'warn',
  build: {
    ssr: true,
    outDir: join(out, 'src'),
    emptyOutDir: false,
    target: 'node22',
    minify: false,
    rolldownOptions: {
      input: Object.fromEntries(entries.map((entry) => [entry, join(root, `src/${entry}.ts`)])),
      output: {
        // beside each other: code finds the writer's thread by its own place
        entryFileNames: ({ name }) => `${name.split('/').at(-1)}.js`,
        chunkFileNames: 'chunk-[name].js',
        minify: {
          compress: false,
          mangle: { toplevel: false, keepNames: { function: true, class: true } },
          codegen: { removeWhitespace: true },
        },
      },
    },
  },
  plugins: [
    {
      name: 'one-statement-a-line',
      generateBundle(_, bundle) {
        for (const chunk of Object.values(bundle))
          if (chunk.type === 'chunk') chunk.code = oneStatementALine(chunk.code, (code) => this.parse(code))
      },
    },
  ],
})
chmodSync(join(out, 'src/cli.js'), 0o755)
await buildInspector(join(out, 'inspector'))
