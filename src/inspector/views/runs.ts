// The list of runs: by id or its beginning, chain, status and attributes, newest first.

import type { HeadQuery, RunHead, RunStatus } from '../../journal/store.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import type { RunsView } from '../protocol.ts'
import { rowOf } from './row.ts'
import type { ViewSource } from './source.ts'

const mostRows = 200
/** So many heads are looked through for the beginning of an id. */
const mostSearched = 5_000
/** Each is a condition of the store's query, of which it takes only so many. */
const mostAttributes = 16

const known: ReadonlySet<string> = new Set<RunStatus>([
  'running',
  'waiting',
  'paused',
  'needs-migration',
  'needs-attention',
  'dead-letter',
  'succeeded',
  'failed',
  'cancelled',
])

export async function viewRuns({ reader }: ViewSource, asked: URLSearchParams): Promise<RunsView> {
  const limit = Math.min(Math.max(1, Math.floor(Number(asked.get('limit') ?? 100)) || 100), mostRows)
  const query = queryOf(asked)
  const text = asked.get('q')?.trim() ?? ''
  const [heads, counts] = await Promise.all([
    text === ''
      ? reader.heads({ ...query, limit: limit + 1 })
      : searchHeads(reader, query, text.toLowerCase(), limit + 1),
    reader.counts(),
  ])
  return { runs: heads.slice(0, limit).map(rowOf), counts, more: heads.length > limit }
}

function queryOf(asked: URLSearchParams): HeadQuery {
  const status = (asked.get('status') ?? '').split(',').filter((one): one is RunStatus => known.has(one))
  const attributes: Record<string, string | number | boolean> = {}
  for (const [name, value] of asked)
    if (name.startsWith('attr.')) attributes[name.slice('attr.'.length)] = typed(value)
  if (Object.keys(attributes).length > mostAttributes)
    throw new CatenaryError(
      'BAD_OPTION',
      `runs are found by at most ${mostAttributes} attributes: ask for fewer`,
    )
  const chain = asked.get('chain')
  const before = asked.get('before')
  const signal = asked.get('signal')
  return {
    ...(status.length === 0 ? {} : { status }),
    ...(chain === null || chain === '' ? {} : { chain }),
    ...(before === null || before === '' ? {} : { before }),
    ...(signal === null || signal === '' ? {} : { signal }),
    ...(Object.keys(attributes).length === 0 ? {} : { attributes }),
  }
}

/** A query knows texts only, an attribute also numbers and truth; in quotes it is a text all the same. */
function typed(value: string): string | number | boolean {
  if (value === 'true' || value === 'false') return value === 'true'
  if (/^".*"$/.test(value)) return value.slice(1, -1)
  return /^-?\d+(\.\d+)?$/.test(value) && Number.isFinite(Number(value)) ? Number(value) : value
}

/** Runs whose id, chain or an attribute's text has it; an id given in full is found however old it is. */
async function searchHeads(
  reader: ViewSource['reader'],
  query: HeadQuery,
  text: string,
  limit: number,
): Promise<readonly RunHead[]> {
  const exact = query.before === undefined ? await reader.head(text) : undefined
  const found: RunHead[] = exact === undefined ? [] : [exact]
  let before = query.before
  for (let searched = 0; searched < mostSearched && found.length < limit;) {
    const page = await reader.heads({ ...query, ...(before === undefined ? {} : { before }), limit: 500 })
    for (const head of page)
      if (head.run !== exact?.run && matches(head, text) && found.length < limit) found.push(head)
    if (page.length < 500) break
    before = page.at(-1)?.run
    searched += page.length
  }
  return found
}

function matches({ run, chain, attributes }: RunHead, text: string): boolean {
  return (
    run.toLowerCase().startsWith(text) ||
    chain.toLowerCase().includes(text) ||
    (attributes !== '{}' && attributes.toLowerCase().includes(text))
  )
}
