// Builds dist/ from src and machines, from scratch: types file by file, code in few files, as each one loaded costs.
// `node .ci/build.ts [folder]`
import { spawnSync } from 'node:child_process'
import { chmodSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'vite'

const root = join(import.meta.dirname, '..')
const out = resolve(process.argv[2] ?? join(root, 'dist'))
const entries = ['index', 'testing', 'sqlite', 'cli', 'sqlite/writer-thread']
rmSync(out, { recursive: true, force: true })

const compiler = join(root, 'node_modules/typescript/bin/tsc')
const { status } = spawnSync(process.execPath, [compiler, '-p', '.ci/tsconfig.build.json', '--outDir', out], {
  cwd: root,
  stdio: 'inherit',
})
if (status !== 0) process.exit(status ?? 1)

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
      },
    },
  },
})
chmodSync(join(out, 'src/cli.js'), 0o755)
