// A second, plain account of OTP's supervisor, written function by function after supervisor.erl: what ours is held against.

import type { GroupSpec } from '../../../machines/supervision/spec.ts'

type Pid = number | 'undefined' | 'restarting'

interface Entry {
  readonly id: string
  readonly restart: string
  readonly significant: boolean
  pid: Pid
}

/** A supervisor whose children start and stop at once; `start` says whether a start works. */
export function createOtp(spec: GroupSpec, start: (id: string) => boolean) {
  const said: string[] = []
  /** Reversed start order, as in `#state.children`. */
  let children: Entry[] = []
  let restarts: number[] = []
  const mailbox: string[] = []
  let alive = true
  let pids = 0

  const doStart = (id: string): Pid | undefined => {
    said.push(`start ${id}`)
    return start(id) ? ++pids : undefined
  }
  const doTerminate = (child: Entry): void => {
    if (typeof child.pid === 'number') said.push(`stop ${child.id}`)
  }
  const terminateChildren = (list: Entry[]): Entry[] =>
    list.flatMap((child) => {
      doTerminate(child)
      return child.restart === 'temporary' ? [] : [{ ...child, pid: 'undefined' as const }]
    })
  /** Gives the children in reversed start order, and who failed. */
  const startChildren = (reversed: Entry[]): { list: Entry[]; failed?: string } => {
    const list = reversed.map((child) => ({ ...child }))
    for (const child of list.toReversed()) {
      const pid = doStart(child.id)
      if (pid === undefined) return { list, failed: child.id }
      child.pid = pid
    }
    return { list }
  }
  const delChild = (id: string): void => {
    children = children.flatMap((child) => {
      if (child.id !== id) return [child]
      return child.restart === 'temporary' ? [] : [{ ...child, pid: 'undefined' as const }]
    })
  }
  const shutdown = (): void => {
    terminateChildren(children)
    said.push('ended')
    alive = false
  }
  const restartMultiple = (list: Entry[]): Entry[] => {
    const { list: started, failed } = startChildren(terminateChildren(list))
    if (failed === undefined) return started
    mailbox.push(failed)
    return started.map((child) => (child.id === failed ? { ...child, pid: 'restarting' as const } : child))
  }
  const restart = (id: string, at: number): void => {
    restarts = [...restarts.filter((one) => at - one <= spec.period), at]
    if (restarts.length > spec.intensity) {
      delChild(id)
      return shutdown()
    }
    const index = children.findIndex((child) => child.id === id)
    switch (spec.strategy) {
      case 'rest_for_one': {
        const after = children.slice(0, index + 1)
        const before = children.slice(index + 1)
        ;(after[index] as Entry).pid = 'undefined'
        children = [...restartMultiple(after), ...before]
        return
      }
      case 'one_for_all': {
        delChild(id)
        children = restartMultiple(children)
        return
      }
      default: {
        const pid = doStart(id)
        ;(children[index] as Entry).pid = pid ?? 'restarting'
        if (pid === undefined) mailbox.push(id)
      }
    }
  }
  const autoShutdown = (child: Entry): void => {
    if (!child.significant || spec.autoShutdown === 'never') return
    const others = children.some((one) => one.pid !== 'undefined' && one.significant)
    if (spec.autoShutdown === 'any_significant' || !others) shutdown()
  }
  /** `try_again_restart` casts, until none is left. */
  const settle = (at: number): void => {
    for (let id = mailbox.shift(); alive && id !== undefined; id = mailbox.shift()) {
      const found = children.find((child) => child.id === id)
      if (found?.pid === 'restarting') restart(id, at)
    }
  }
  return {
    said,
    init(): void {
      const reversed = spec.children
        .map(({ id, restart: type, significant }): Entry => ({
          id,
          restart: type,
          significant,
          pid: 'undefined',
        }))
        .toReversed()
      const { list, failed } = startChildren(reversed)
      children = list
      if (failed !== undefined) shutdown()
    },
    exit(id: string, reason: string, at: number): void {
      const child = children.find((one) => one.id === id)
      if (!alive || child === undefined || typeof child.pid !== 'number') return
      const inOrder = reason === 'normal' || reason === 'shutdown'
      if (child.restart === 'permanent' || (child.restart === 'transient' && !inOrder)) restart(id, at)
      else {
        delChild(id)
        autoShutdown(child)
      }
      settle(at)
    },
    terminate(id: string): string {
      const child = children.find((one) => one.id === id)
      if (child === undefined) return 'not_found'
      doTerminate(child)
      delChild(id)
      return 'ok'
    },
    again(id: string): string {
      const child = children.find((one) => one.id === id)
      if (child === undefined) return 'not_found'
      if (child.pid !== 'undefined') return 'running'
      const pid = doStart(id)
      if (pid !== undefined) child.pid = pid
      return pid === undefined ? 'start_failed' : 'ok'
    },
    delete(id: string): string {
      const child = children.find((one) => one.id === id)
      if (child === undefined) return 'not_found'
      if (child.pid !== 'undefined') return 'running'
      children = children.filter((one) => one !== child)
      return 'ok'
    },
    stop: shutdown,
    get alive() {
      return alive
    },
    which: () => children.map(({ id, pid }) => `${id} ${typeof pid === 'number' ? 'running' : 'stopped'}`),
  }
}
