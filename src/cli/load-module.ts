// Loads a user's module as it is, TypeScript included, and finds the chains that it exports.

import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AnyChain } from '../chain/any-chain.ts'
import { CatenaryError } from '../kernel/errors.ts'
import { usageError } from './exit.ts'

export type LoadedChain = AnyChain

export interface Loaded {
  readonly path: string
  /** Every exported chain, once. */
  readonly chains: readonly LoadedChain[]
  /** What its export `app` is, or gives where it is a function. */
  app(): Promise<unknown>
}

type Exports = Readonly<Record<string, unknown>>

/** Imports `file`; refused with a cure where that cannot be, or where it exports no chain. */
export async function loadModule(file: string): Promise<Loaded> {
  const path = resolve(file)
  if (!existsSync(path))
    throw badModule(`there is no file ${path}: give the path of the module that has your chains`)
  const exports = await importOrTell(path)
  const chains = new Set<LoadedChain>()
  for (const value of Object.values(exports)) {
    for (const one of Array.isArray(value) ? (value as readonly unknown[]) : [value])
      if (isChain(one)) chains.add(one)
  }
  if (chains.size === 0) {
    const names = Object.keys(exports).join(', ')
    const has = names === '' ? 'exports nothing' : `exports ${names}, of which none is a chain`
    throw badModule(`${path} ${has}: export what chain(id) made, by name, as default or in an array`)
  }
  return { path, chains: [...chains], app: async () => appOf(exports['app']) }
}

/** The chain of this id; without one, the only chain that no other needs. */
export function pickChain(chains: readonly LoadedChain[], id: string | undefined): LoadedChain {
  const ids = chains.map((chain) => chain.id).join(', ')
  if (id !== undefined) {
    const named = chains.find((chain) => chain.id === id)
    if (named !== undefined) return named
    throw usageError(`the module exports no chain "${id}": it has ${ids}`)
  }
  const needed = new Set(chains.flatMap(({ spec }) => spec.needs.map(({ chain }) => chain?.id)))
  const ends = chains.filter(({ id: own, spec }) => !needed.has(own) && spec.follows.length === 0)
  const [only] = ends
  if (only !== undefined && ends.length === 1) return only
  throw usageError(`say which chain is meant: the module has ${ids}`)
}

/** Whatever a module exports, and whatever its getters throw. */
function isChain(value: unknown): value is LoadedChain {
  try {
    const { id, spec } = value as { readonly id?: unknown; readonly spec?: Partial<LoadedChain['spec']> }
    return (
      typeof id === 'string' && spec?.id === id && Array.isArray(spec.needs) && Array.isArray(spec.follows)
    )
  } catch {
    return false
  }
}

async function appOf(app: unknown): Promise<unknown> {
  if (typeof app !== 'function') return app
  try {
    return await (app as () => unknown)()
  } catch (error) {
    throw badModule(`the module's export app() failed: ${messageOf(error)}`, error)
  }
}

async function importOrTell(path: string): Promise<Exports> {
  try {
    return (await import(pathToFileURL(path).href)) as Exports
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    throw badModule(`${path} ${problemOf(code, messageOf(error))}`, error)
  }
}

function problemOf(code: unknown, message: string): string {
  switch (code) {
    case 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX':
      return `has TypeScript that Node cannot run as it is (${message}): write it without enum, namespace and parameter properties (tsc's erasableSyntaxOnly finds them), or run what it is built to`
    case 'ERR_INVALID_TYPESCRIPT_SYNTAX':
      return `is not valid TypeScript, or what it imports is not (${message}): run tsc to see where`
    case 'ERR_UNKNOWN_FILE_EXTENSION':
      return `is no file that Node runs (${message}): give a .ts, .mts, .js or .mjs file`
    case 'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING':
      return `lies under node_modules, where Node runs no TypeScript: give the JavaScript it is built to`
    case 'ERR_MODULE_NOT_FOUND':
      return `imports what is not there (${message}): install it, or write the import with the file's extension`
    default:
      return `could not be loaded (${message}): mend it so that \`node\` runs it; CATENARY_DEBUG=1 shows where it broke`
  }
}

function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.trim().split('\n')[0]?.trim() ?? text
}

function badModule(message: string, cause?: unknown): CatenaryError {
  return new CatenaryError('BAD_MODULE', message, cause === undefined ? {} : { cause })
}
