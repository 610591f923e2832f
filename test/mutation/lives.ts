// Loads test files and all that they import anew, as often as is asked for, within one process: each life its own modules.

import { readFileSync } from 'node:fs'
import { registerHooks, stripTypeScriptTypes } from 'node:module'
import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type Case, collect } from './collected.ts'

const collector = new URL('collected.ts', import.meta.url).href

export interface Lives {
  /** A new life: each module is evaluated again. */
  readonly begin: (files: readonly string[]) => Promise<readonly Case[]>
  /** Of the test files, those that import this file, itself or over others. */
  readonly reach: (files: readonly string[], target: string) => readonly string[]
}

/** Modules below `root` come and go with lives; packages stay. */
export function createLives(root: string): Lives {
  const base = pathToFileURL(`${root}/`).href
  const sources = new Map<string, string>()
  const imported = new Map<string, Set<string>>()
  let life = 0

  const own = (url: string | undefined): url is string =>
    url !== undefined && url.startsWith(base) && !url.includes('/node_modules/')
  const plain = (url: string): string => fileURLToPath(url.split('?')[0] ?? url)

  registerHooks({
    resolve(specifier, context, next) {
      if (!own(context.parentURL)) return next(specifier, context)
      if (specifier === 'vitest') return { url: collector, shortCircuit: true }
      const entry = /^catenary(?:\/(\w+))?$/.exec(specifier)
      const found =
        entry === null
          ? next(specifier, context)
          : {
              url: new URL(`src/${entry[1] ?? 'index'}.ts`, base).href,
              format: undefined,
              shortCircuit: true,
            }
      if (!own(found.url) || !found.url.endsWith('.ts')) return found
      const from = plain(context.parentURL)
      const targets = imported.get(from) ?? new Set()
      imported.set(from, targets.add(plain(found.url)))
      const ofLife = /\?life=\d+$/.exec(context.parentURL)?.[0] ?? ''
      return { ...found, url: found.url + ofLife, shortCircuit: true }
    },
    load(url, context, next) {
      if (!own(url) || !/\.ts\?life=/.test(url)) return next(url, context)
      const path = plain(url)
      let source = sources.get(path)
      if (source === undefined) {
        source = stripTypeScriptTypes(readFileSync(path, 'utf8'))
        sources.set(path, source)
      }
      return { format: 'module', source, shortCircuit: true }
    },
  })

  const reaches = (from: string, target: string, seen: Set<string>): boolean => {
    if (from === target) return true
    seen.add(from)
    for (const to of imported.get(from) ?? []) if (!seen.has(to) && reaches(to, target, seen)) return true
    return false
  }

  return {
    begin: async (files) => {
      life++
      const all: Case[] = []
      for (const file of files) {
        const url = `${pathToFileURL(file).href}?life=${life}`
        all.push(...(await collect(relative(root, file), async () => import(url))))
      }
      return all
    },
    reach: (files, target) => files.filter((file) => reaches(file, join(target), new Set())),
  }
}
