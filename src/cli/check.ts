// `catenary check`: are a module's chains valid, and would deploying them strand a run of a store?

import { collect, validateChains } from '../chain/validate.ts'
import type { Practice } from '../analysis/report-built.ts'
import type { CompiledChain } from '../definition/compiled-chain.ts'
import { rootOf } from '../definition/service.ts'
import type { RunHead, StoreReader } from '../journal/store.ts'
import { CatenaryError } from '../kernel/errors.ts'
import type { Call, Command } from './command.ts'
import { exit } from './exit.ts'
import { jsonText } from './json.ts'
import { type LoadedChain, loadModule } from './load-module.ts'
import { storeOption, withReader } from './open-store.ts'
import { practices } from './report-places.ts'
import { reportText } from './report-text.ts'

export const check: Command = {
  name: 'check',
  says: 'are these chains valid, and would they strand a run?',
  words: ['<module>'],
  options: {
    store: { ...storeOption['store'], says: 'also fold every unfinished run of this store' },
    practices: { says: 'also say what breaks good practice' },
  },
  more: `With --store every unfinished run is folded, event by event, on the machines of
the module, as a start of it would: one that no longer takes a run's history would
park it. With --practices it says what the chains do against good practice, each
with its cure. Exit code 1 where a run would be parked, or where a practice of high
severity is broken. Runs beside a live executor, and changes nothing.`,
  async run(call) {
    const { chains: exported } = await loadModule(call.must(0))
    const problem = problemOf(exported)
    if (problem !== undefined) {
      call.terminal.out(call.json ? jsonText({ valid: false, problem, stranded: [] }) : `${problem}\n`)
      return exit.failed
    }
    const { compile } = await import('../chain/compile.ts')
    const specs = collect(exported.map(({ spec }) => spec))
    const compiled = new Map(specs.map((spec) => [spec.id, compile(spec)]))
    const found =
      call.option('store') === undefined
        ? undefined
        : await withReader(call, async (reader) => foldAll(reader, compiled))
    const broken = call.has('practices') ? await practicesIn(compiled) : undefined
    call.terminal.out(
      call.json
        ? asJson(compiled, found, broken)
        : asText(call, compiled, found) + practicesText(call, broken),
    )
    const stranded = found !== undefined && found.stranded.length > 0
    return stranded || broken?.some(({ severity }) => severity === 'high') === true ? exit.failed : exit.ok
  },
}

async function practicesIn(compiled: ReadonlyMap<string, CompiledChain>): Promise<readonly Practice[]> {
  const { declare } = await import('../chain/declare.ts')
  const { practicesOf } = await import('../analysis/practices.ts')
  const { atOnce } = await import('../analysis/slices.ts')
  const { wholeTree } = await import('../chain/validate-tree.ts')
  const services = Array.from(compiled.values(), ({ spec }) => spec.ready ?? []).flat()
  const { chains, besides } = declare(compiled.values(), rootOf(wholeTree([], services)), usualConcurrency)
  return atOnce(practicesOf({ ...besides, chains: chains.map((one) => one.declare()) }))
}

/** Of a supervisor that is told of none. */
const usualConcurrency = 100

function practicesText(call: Call, found: readonly Practice[] | undefined): string {
  if (found === undefined) return ''
  if (found.length === 0) return 'no good practice is broken\n'
  const section = practices({ practices: found })
  return section === undefined ? '' : `\n${reportText([section], call.terminal)}`
}

interface Stranded {
  readonly run: string
  readonly chain: string
  /** `seq` of the first event that the new machines do not take. */
  readonly event: number | null
  readonly detail: string
  readonly cure: string
}

interface Found {
  readonly runs: number
  /** Runs of another version that go on nevertheless. */
  readonly drifted: number
  readonly stranded: readonly Stranded[]
}

function problemOf(chains: readonly LoadedChain[]): string | undefined {
  try {
    validateChains(chains, collect(chains.map(({ spec }) => spec)))
    return undefined
  } catch (error) {
    if (CatenaryError.is(error) && error.code === 'BAD_DEFINITION') return error.message
    throw error
  }
}

const live = ['running', 'waiting', 'paused', 'needs-migration'] as const
const page = 500

async function foldAll(reader: StoreReader, chains: ReadonlyMap<string, CompiledChain>): Promise<Found> {
  const { foldRun, parkingOf } = await import('../engine/runs/activate.ts')
  const stranded: Stranded[] = []
  let runs = 0
  let drifted = 0
  for (let before: string | undefined; ;) {
    const heads: readonly RunHead[] = await reader.heads({
      status: live,
      limit: page,
      ...(before === undefined ? {} : { before }),
    })
    for (const { run, chain } of heads) {
      runs++
      const fold = await foldRun(reader, run, (node) => chains.get(node.chain))
      const parking = parkingOf(fold, (id) => chains.get(id))
      const { nodes } = fold.state
      if (parking !== undefined) {
        const { detail, cure, diverged = null } = parking
        stranded.push({ run, chain, event: diverged, detail, cure })
      } else if ([...nodes.values()].some((node) => chains.get(node.chain)?.version !== node.version))
        drifted++
    }
    if (heads.length < page) return { runs, drifted, stranded }
    before = heads.at(-1)?.run
  }
}

function asJson(
  chains: ReadonlyMap<string, CompiledChain>,
  found: Found | undefined,
  broken: readonly Practice[] | undefined,
): string {
  return jsonText({
    valid: true,
    chains: Array.from(chains, ([id, { version }]) => ({ id, version })),
    ...(found === undefined ? {} : { runs: found.runs, drifted: found.drifted }),
    stranded: found?.stranded ?? [],
    ...(broken === undefined ? {} : { practices: broken }),
  })
}

function asText(call: Call, chains: ReadonlyMap<string, CompiledChain>, found: Found | undefined): string {
  const lines = [
    `${chains.size === 1 ? '1 chain is' : `${chains.size} chains are`} valid: ${[...chains.keys()].join(', ')}`,
  ]
  if (found === undefined) {
    lines.push('no runs were looked at: --store FILE folds those of a store on these chains')
    return `${lines.join('\n')}\n`
  }
  const { runs, drifted, stranded } = found
  lines.push(
    runs === 0
      ? 'the store has no unfinished run'
      : `${runs - stranded.length} of ${runs} unfinished runs go on`,
  )
  if (drifted > 0) lines.push(`${drifted} of them began on another version, which takes the same history`)
  for (const { run, chain, detail, cure } of stranded) {
    lines.push(
      '',
      call.terminal.paint('red', `run ${run} of ${chain} would be parked`),
      `  ${detail}`,
      `  to go on: ${cure}`,
    )
  }
  return `${lines.join('\n')}\n`
}
