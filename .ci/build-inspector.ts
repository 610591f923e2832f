// Builds the inspector's web app: few files of its own, nothing inline, nothing from elsewhere.
import { join } from 'node:path'
import { build } from 'vite'

const root = join(import.meta.dirname, '../inspector')

/** @param out the folder that gets `index.html` and what it loads. */
export async function buildInspector(out: string): Promise<void> {
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    // it may be mounted below any path
    base: './',
    build: {
      outDir: out,
      emptyOutDir: true,
      target: 'es2023',
      // a data: address is a request less, and breaks the strict content security policy
      assetsInlineLimit: 0,
      modulePreload: false,
      reportCompressedSize: false,
      rolldownOptions: {
        output: {
          entryFileNames: 'assets/app-[hash].js',
          chunkFileNames: 'assets/[name]-[hash].js',
          assetFileNames: 'assets/[name]-[hash][extname]',
        },
      },
    },
    // also where NODE_ENV is `test`
    mode: 'production',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact', development: false } },
  })
}
