// verify: the index must answer what is known, find every package by its name, and every relative link is tried.

import { join } from 'node:path'
import { chain, NonRetryable } from 'catenary'
import { appOf } from '../app.ts'
import { counted } from '../counted.ts'
import { chunkOf } from '../packages/chunk.ts'
import { type BrokenLink, brokenLinks } from '../packages/broken-links.ts'
import { mostAnswers, questions } from '../questions.ts'
import { type Hit, openIndex, remark } from '../search/query.ts'
import { type DocsInput, keep, published, recall, workspaceOf } from '../workspace.ts'
import { discover } from './discover.ts'
import { index } from './index-sections.ts'
import { parse, type ParsedPackages } from './parse.ts'

export interface Answer {
  readonly question: string
  readonly expected: string
  /** From 1; 0 where the expected package was not among the answers; null where it is not installed. */
  readonly place: number | null
  /** The expected answer, or what was found in its stead; found words are in `<mark>`. */
  readonly best?: Hit
}

/** What `links.json` holds. */
export type LinksByPackage = Readonly<Record<string, CheckedLinks>>

export interface CheckedLinks {
  readonly checked: number
  readonly broken: number
  /** The first of the broken ones. */
  readonly examples: readonly BrokenLink[]
}

const marked = (hit: Hit): Hit => ({
  ...hit,
  heading: remark(hit.heading, '<mark>', '</mark>'),
  snippet: remark(hit.snippet, '<mark>', '</mark>'),
})

const mostExamples = 100
const unchecked: CheckedLinks = { checked: 0, broken: 0, examples: [] }

export const verify = chain<DocsInput | undefined>('verify', {
  description: 'asks what is known; tries every link',
})
  .needs({ discover, parse, index })
  .step(
    'questions',
    counted(async (context): Promise<readonly Answer[]> => {
      const workspace = workspaceOf(context)
      const { packages } = await recall<ParsedPackages>(workspace, context.needs.parse.parsed)
      const installed = new Set(packages.map(({ name }) => name))
      using search = openIndex(workspace.at(published.index))
      return questions.map(({ question, package: expected }) => {
        if (!installed.has(expected)) return { question, expected, place: null }
        const hits = search.ask(question, mostAnswers)
        const place = hits.findIndex(({ name }) => name === expected)
        const best = hits[Math.max(place, 0)]
        return { question, expected, place: place + 1, ...(best === undefined ? {} : { best: marked(best) }) }
      })
    }),
    { timeout: '1m', pure: true, reads: [published.index] },
  )
  .step(
    'names',
    counted(async (context) => {
      const workspace = workspaceOf(context)
      const { packages } = await recall<ParsedPackages>(workspace, context.needs.parse.parsed)
      const copies = new Set(context.needs.index.copies.map((copy) => copy.package))
      using search = openIndex(workspace.at(published.index))
      const asked = packages.filter(({ path }) => !copies.has(path))
      return {
        asked: asked.length,
        lost: asked.filter((one) => !search.names(one.path, one.name)).map(({ path }) => path),
      }
    }),
    { timeout: '1m', pure: true, reads: [published.index] },
  )
  .each(
    'links',
    ({ needs }) => needs.discover.packages,
    counted(async (path, context) => {
      const workspace = workspaceOf(context)
      const links = (await chunkOf(workspace, path))?.links ?? []
      const broken = await brokenLinks(join(workspace.root, path), links, appOf(context).files)
      return { checked: links.length, broken: broken.length, examples: broken.slice(0, mostExamples) }
    }),
    { key: (path) => path, inFlight: 16, attempts: 3, backoff: { initial: 50 }, timeout: '30s', pure: true },
  )
  .step(
    'judge',
    counted(async (context) => {
      const { needs, steps } = context
      const missed = steps.questions.filter(({ place }) => place === 0)
      if (missed.length > 0) {
        const all = missed.map(({ question, expected }) => `"${question}" does not find ${expected}`)
        throw new NonRetryable(`the index does not know what it must: ${all.join('; ')}`)
      }
      if (steps.names.lost.length > 0) {
        throw new NonRetryable(`not found by their own names: ${steps.names.lost.join(', ')}`)
      }
      const byPath: LinksByPackage = Object.fromEntries(
        needs.discover.packages.map((path, place) => [path, steps.links[place] ?? unchecked]),
      )
      const links = await keep(workspaceOf(context), 'links.json', byPath)
      return { answers: steps.questions, named: steps.names.asked, links }
    }),
    { timeout: '1m', idempotent: true, writes: ['links.json'] },
  )
