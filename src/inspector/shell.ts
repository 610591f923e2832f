// The app's own files, read once: what is served is looked up by its exact name, never searched for on the disk.

import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { extname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { answer } from './answers.ts'

interface Asset {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly type: string
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
}
const most = 200

/** Where the built app is: beside the built code, or in `dist` where the sources run. */
const built = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../dist/inspector/' : '../inspector/', import.meta.url),
)

/** @returns the answer for a path below the inspector's own; undefined where it is none of the app's files. */
export function createShell(folder = built): (path: string) => Response | undefined {
  let manifest: ReadonlyMap<string, Asset> | undefined
  return (path) => {
    manifest ??= read(folder)
    const asset = manifest.get(path === '/' ? '/index.html' : path)
    if (asset !== undefined) return answer(asset.bytes, asset.type)
    if (path !== '/') return undefined
    const missing = `The inspector's app is not there: no index.html in ${folder}. Build it with \`npm run build\`.\n`
    return answer(missing, 'text/plain; charset=utf-8', { status: 503 })
  }
}

/** Plain files of known types alone: no links, nothing hidden. */
function read(folder: string): ReadonlyMap<string, Asset> {
  const manifest = new Map<string, Asset>()
  if (!existsSync(folder)) return manifest
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const type = types[extname(entry.name)]
    if (!entry.isFile() || type === undefined || entry.name.startsWith('.') || manifest.size >= most) continue
    const file = join(entry.parentPath, entry.name)
    const path = `/${relative(folder, file).replaceAll('\\', '/')}`
    manifest.set(path, { bytes: new Uint8Array(readFileSync(file)), type })
  }
  return manifest
}
