// Answers the calls from outside, as OTP does; what takes its time answers when it is done.

import { type AdminCall, countChildren, whichChildren } from './admin.ts'
import { type Hearing, refuse, remove, reply } from './hearing.ts'
import { badCombination } from './spec.ts'
import { newChild } from './state.ts'
import { strategies } from './strategies.ts'

export function administer(hearing: Hearing, call: string, asked: AdminCall): void {
  const { of } = hearing
  const { dynamic } = strategies[of.spec.strategy]
  switch (asked.ask) {
    case 'which-children':
      return reply(hearing, call, { ok: true, children: whichChildren(of) })
    case 'count-children':
      return reply(hearing, call, { ok: true, counts: countChildren(of, dynamic) })
    case 'start-child': {
      const { spec } = asked
      const problem = badCombination(of.spec, spec)
      if (problem !== undefined) return refuse(hearing, call, 'bad_combination', problem)
      const known = of.children.get(spec.id)
      if (known !== undefined)
        return refuse(hearing, call, known.status === 'running' ? 'already_started' : 'already_present')
      if (of.children.size >= (of.spec.maxChildren ?? Infinity)) return refuse(hearing, call, 'max_children')
      of.children.set(spec.id, newChild(spec))
      of.work = [{ op: 'start', child: spec.id, why: 'start-child', call }]
      return
    }
    default: {
      const child = of.children.get(asked.child)
      if (dynamic && (asked.ask === 'restart-child' || asked.ask === 'delete-child'))
        return refuse(hearing, call, 'simple_one_for_one')
      if (child === undefined) return refuse(hearing, call, 'not_found')
      if (asked.ask === 'child-spec') return reply(hearing, call, { ok: true, spec: child.spec })
      if (asked.ask === 'terminate-child') {
        of.work = [{ op: 'stop', child: asked.child, why: 'terminate-child', call }]
        return
      }
      if (child.status !== 'stopped')
        return refuse(hearing, call, child.status === 'restarting' ? 'restarting' : 'running')
      if (asked.ask === 'delete-child') {
        remove(hearing, child)
        return reply(hearing, call, { ok: true })
      }
      child.wanted = true
      of.work = [{ op: 'start', child: asked.child, why: 'restart-child', call }]
    }
  }
}
