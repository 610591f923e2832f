// What a package says of itself in package.json, and what stands in for it where that is broken.

import { codeOf, type Content, mayPass } from '../files.ts'
import { decode } from '../text/decode.ts'

export interface Manifest {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly keywords: readonly string[]
  /** As written, where it is one name or expression. */
  readonly license: string | null
  /** What is wrong with it. */
  readonly problem?: string
}

export const largestManifest = 1024 * 1024

/** Reads a package's package.json; throws only what may pass. */
export async function readManifest(path: string, read: () => Promise<Content>): Promise<Manifest> {
  let content: Content
  try {
    content = await read()
  } catch (error) {
    if (mayPass(error)) throw error
    const code = codeOf(error)
    return unnamed(path, code === 'ENOENT' ? 'no package.json' : `package.json cannot be read (${code})`)
  }
  return parseManifest(path, content.bytes)
}

/** @param path of the package below the root: its last part names a package that does not. */
export function parseManifest(path: string, bytes: Uint8Array): Manifest {
  const decoded = decode(bytes)
  if (decoded.kind === 'binary') return unnamed(path, 'package.json is not text')
  let json: unknown
  try {
    json = JSON.parse(decoded.text)
  } catch {
    return unnamed(path, 'package.json is not JSON')
  }
  if (!isRecord(json)) return unnamed(path, 'package.json is not an object')
  const name = textOf(json['name'])
  return {
    name: name === '' ? nameFrom(path) : name,
    version: textOf(json['version']),
    description: textOf(json['description']),
    keywords: Array.isArray(json['keywords'])
      ? json['keywords'].map(textOf).filter((word) => word !== '')
      : [],
    license: licenseOf(json),
    ...(name === '' ? { problem: 'package.json has no name' } : {}),
  }
}

function unnamed(path: string, problem: string): Manifest {
  return { name: nameFrom(path), version: '', description: '', keywords: [], license: null, problem }
}

/** `a/node_modules/@s/b` is `@s/b`. */
export function nameFrom(path: string): string {
  return path.split('/node_modules/').at(-1) ?? path
}

/** `license: "MIT"`, and the older `{ type }` and `licenses: [{ type }]`. */
function licenseOf(json: Readonly<Record<string, unknown>>): string | null {
  const given = json['license'] ?? json['licenses']
  const all = (Array.isArray(given) ? given : [given]).map((one: unknown) =>
    textOf(isRecord(one) ? one['type'] : one),
  )
  const named = all.filter((one) => one !== '' && !/^see licen[cs]e/i.test(one))
  if (named.length === 0) return null
  return named.length === 1 ? (named[0] ?? null) : `(${named.join(' OR ')})`
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim().toWellFormed() : ''
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
