// The run that the same line began earlier and that has not ended: typing it again goes on with that one.

import { canonical, hash } from '../kernel/codec.ts'
import type { RunHead, StoreReader } from '../journal/store.ts'
import { unended } from './show.ts'

/** The attribute by which such a run is found. */
const attribute = 'catenary.line'

/** What makes two lines the same: the module's path, the chain and the input. */
export function lineAttributes(
  path: string,
  chain: string,
  input: unknown,
): Readonly<Record<string, string>> {
  return { [attribute]: hash(canonical([path, chain, input ?? null])).slice(0, 16) }
}

/** The newest unfinished run of the same line. */
export async function unfinishedOf(
  reader: StoreReader,
  attributes: Readonly<Record<string, string>>,
): Promise<RunHead | undefined> {
  const [found] = await reader.heads({ attributes, status: unended, limit: 1 })
  return found
}
