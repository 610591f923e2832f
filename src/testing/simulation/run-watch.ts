// Watches runs and their chains in a journal: begun as their rules say, ended once, within their groups.

import { type UpstreamState, verdict } from '../../../machines/trigger-rules.ts'
import { decode } from '../../kernel/codec.ts'
import type { ChainStatus, JournalEvent } from '../../journal/event.ts'
import type { PlanEdge, PlanNode } from '../../journal/run-plan.ts'
import type { Proof } from './proof.ts'
import type { ChainShape } from './shape.ts'

interface Node {
  readonly chain: string
  readonly needs: readonly PlanEdge[]
  readonly rule: string
  readonly group: string
  readonly deadline: number
  status: 'pending' | 'running' | ChainStatus
  /** It counts in its concurrency group. */
  inside: boolean
}

export interface WatchedRun {
  readonly targets: readonly string[]
  readonly nodes: Map<string, Node>
  paused: boolean
  cancelRequested: boolean
  ended: string | undefined
  retries: number
  /** When it was forked from another; what is told of it then has happened to that. */
  readonly copiedAt: number | undefined
  parked: string | undefined
}

export interface RunWatch {
  readonly runs: ReadonlyMap<string, WatchedRun>
  see(event: JournalEvent): void
  /** Nothing of this run was seen. */
  forget(run: string): void
  /** The chain that a node of a run is. */
  chainOf(run: string, node: string): string
  /** How many have left the concurrency group of a node. */
  leftGroup(run: string, node: string): number
}

const judged: Readonly<Record<Node['status'], UpstreamState>> = {
  pending: 'pending',
  running: 'pending',
  succeeded: 'success',
  failed: 'failed',
  cancelled: 'failed',
  skipped: 'skipped',
  upstream_failed: 'upstream_failed',
}

export function createRunWatch(proof: Proof, shapes: ReadonlyMap<string, ChainShape>): RunWatch {
  const runs = new Map<string, WatchedRun>()
  const inside = new Map<string, number>()
  const leavers = new Map<string, number>()

  const accept = (event: JournalEvent & { readonly type: 'run.accepted' }): void => {
    proof.check('terminal', !runs.has(event.run), () => `run ${event.run} is accepted twice`)
    const nodes = new Map(event.plan.map((node) => [node.key, planned(node, event.payload)]))
    const { targets } = event
    runs.set(event.run, {
      targets,
      nodes,
      paused: false,
      cancelRequested: false,
      ended: undefined,
      retries: 0,
      copiedAt: event.origin === undefined ? undefined : event.at,
      parked: undefined,
    })
  }
  const planned = (node: PlanNode, runInput: string | undefined): Node => {
    const payload = node.input ?? runInput
    const input = payload === undefined ? undefined : decode(payload)
    const group = `${node.chain} ${JSON.stringify(input)}`
    const { chain, needs, rule, deadline = Infinity } = node
    return { chain, needs, rule, group, deadline, status: 'pending', inside: false }
  }
  const say = (run: WatchedRun, node: Node): ReturnType<typeof verdict> => {
    const states = node.needs
      .filter(({ kind }) => kind === 'hard')
      .map(({ key }) => judged[run.nodes.get(key)?.status ?? 'pending'])
    return verdict(node.rule as Parameters<typeof verdict>[0], states)
  }
  const start = (run: WatchedRun, event: JournalEvent & { readonly type: 'chain.started' }): void => {
    const node = run.nodes.get(event.chain)
    const where = (): string => `chain ${event.chain} of ${event.run} at seq ${event.seq}`
    if (event.call !== undefined) {
      proof.check('terminal', node === undefined, () => `${where()} is called twice under one key`)
      const chain = event.of ?? event.chain
      run.nodes.set(event.chain, {
        chain,
        needs: [],
        rule: 'always',
        group: '',
        deadline: event.deadline ?? Infinity,
        status: 'running',
        inside: false,
      })
      return
    }
    if (node === undefined) return proof.check('verdict', false, () => `${where()} was never planned`)
    proof.check('terminal', node.status === 'pending', () => `${where()} starts, but is ${node.status}`)
    const soft = node.needs.every(
      ({ key, kind }) => kind === 'hard' || judged[run.nodes.get(key)?.status ?? 'pending'] !== 'pending',
    )
    const said = say(run, node)
    proof.check(
      'verdict',
      said === 'run' && soft && !run.cancelRequested,
      () =>
        `${where()} starts, its rule ${node.rule} says ${said}, soft upstreams ${soft ? 'ended' : 'open'}`,
    )
    node.status = 'running'
    const limit = shapes.get(node.chain)?.limit
    if (limit === undefined) return
    const count = enter(node)
    // a chain that was found at work keeps its place
    if (run.copiedAt === event.at) return
    proof.check('groups', count <= limit, () => `${where()} is number ${count} of ${limit} in its group`)
  }
  const enter = (node: Node): number => {
    const count = (inside.get(node.group) ?? 0) + 1
    inside.set(node.group, count)
    node.inside = true
    return count
  }
  /** A run that was parked goes on: its chains that are at work have their places again, free or not. */
  const enterAgain = (run: WatchedRun): void => {
    for (const node of run.nodes.values()) {
      const isLimited = shapes.get(node.chain)?.limit !== undefined && node.group !== ''
      if (isLimited && node.status === 'running' && !node.inside) enter(node)
    }
  }
  const leave = (node: Node): void => {
    if (!node.inside) return
    node.inside = false
    inside.set(node.group, (inside.get(node.group) ?? 0) - 1)
    leavers.set(node.group, (leavers.get(node.group) ?? 0) + 1)
  }
  const end = (run: WatchedRun, event: JournalEvent & { readonly type: 'chain.ended' }): void => {
    const node = run.nodes.get(event.chain)
    const where = (): string =>
      `chain ${event.chain} of ${event.run} ends ${event.status} at seq ${event.seq}`
    if (node === undefined) return proof.check('terminal', false, () => `${where()}, but never began`)
    const { status: before } = node
    proof.check(
      'terminal',
      before === 'running' || before === 'pending',
      () => `${where()}, but was ${before}`,
    )
    if (before === 'pending') {
      const said = say(run, node)
      const fits =
        (event.status === 'skipped' && said === 'skip') ||
        (event.status === 'upstream_failed' && said === 'upstream_failed') ||
        (event.status === 'failed' && event.failure?.kind === 'deadline' && event.at >= node.deadline) ||
        event.status === 'cancelled' ||
        (event.status === 'succeeded' && event.memo !== undefined && said === 'run')
      proof.check(
        'verdict',
        fits,
        () => `${where()} without having begun; its rule ${node.rule} says ${said}`,
      )
    } else leave(node)
    node.status = event.status
  }

  return {
    runs,
    forget(id) {
      for (const node of runs.get(id)?.nodes.values() ?? []) leave(node)
      runs.delete(id)
    },
    chainOf: (run, node) => runs.get(run)?.nodes.get(node)?.chain ?? node,
    leftGroup: (run, node) => leavers.get(runs.get(run)?.nodes.get(node)?.group ?? '') ?? 0,
    see(event) {
      if (event.run === '' || event.run.startsWith('~')) return
      if (event.type === 'run.accepted') return accept(event)
      const run = runs.get(event.run)
      if (run === undefined) return proof.check('terminal', false, () => `seq ${event.seq} precedes its run`)
      const late = event.type === 'attempt.settled-late'
      proof.check(
        'terminal',
        run.ended === undefined || late || event.type === 'run.retried',
        () => `${event.type} at seq ${event.seq} follows the end of run ${event.run}`,
      )
      if (event.type === 'attempt.started' && run.paused && !/:(?:fallback|compensation)$/.test(event.step)) {
        proof.check(
          'paused',
          false,
          () => `${event.chain}/${event.step} of ${event.run} starts at seq ${event.seq}`,
        )
      }
      switch (event.type) {
        case 'chain.started':
          return start(run, event)
        case 'chain.ended':
          return end(run, event)
        case 'run.paused':
          proof.check('paused', true, () => '')
          run.paused = true
          return
        case 'run.resumed':
          run.paused = false
          return
        case 'run.cancel-requested':
          run.cancelRequested = true
          return
        case 'run.retried':
          run.retries++
          run.ended = undefined
          run.parked = undefined
          run.cancelRequested = false
          return enterAgain(run)
        case 'run.unparked':
          run.parked = undefined
          return enterAgain(run)
        case 'run.parked':
          proof.check('fold', event.reason === 'dead-letter', () => `${event.run} parked: ${event.detail}`)
          run.parked = event.reason
          // it stands still until a person acts, and holds nobody up
          for (const node of run.nodes.values()) leave(node)
          return
        case 'run.ended': {
          const open = [...run.nodes].filter(([, { status }]) => status === 'pending' || status === 'running')
          const left = open.map(([key]) => key).join(', ')
          proof.check('terminal', left === '', () => `run ${event.run} ends with ${left} open`)
          run.ended = event.status
          return
        }
        default:
      }
    },
  }
}
