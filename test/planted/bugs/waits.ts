// Bugs of what runs wait for: timers, signals, pauses, schedules.

import type { Bug } from '../bug.ts'

export const waitBugs: readonly Bug[] = [
  {
    name: 'fire-a-timer-twice',
    is: 'a timer that fires is recorded twice',
    file: 'src/engine/chains/chain-timers.ts',
    before: 'if (this.#timers.delete(id)) this.#parent.turn(fire)',
    after: `if (!this.#timers.delete(id)) return
      this.#parent.turn(fire)
      this.#parent.turn(fire)`,
    proofs: ['simulate'],
  },
  {
    name: 'fire-a-timer-early',
    is: 'a timer fires 1 ms before it is due',
    file: 'src/engine/chains/chain-timers.ts',
    before: 'const cancel = atDue(this.#parent.services.clock, due, () => {',
    after: 'const cancel = atDue(this.#parent.services.clock, due - 1, () => {',
    proofs: ['simulate'],
  },
  {
    name: 'wake-too-late',
    is: 'a run that sleeps is woken a second after it is due',
    file: 'src/engine/runs/run-rest.ts',
    before: 'return { wakeAt: soonest === Infinity ? null : soonest }',
    after: 'return { wakeAt: soonest === Infinity ? null : soonest + 1_000 }',
    proofs: ['simulate'],
  },
  {
    name: 'lose-a-signal',
    is: 'a signal that comes before a step waits for it is answered, and not kept',
    file: 'src/engine/runs/run-signals.ts',
    before: `      if (state.signalIds.has(id)) return
      this.#run.record({ type: 'signal.received', name, id,`,
    after: `      if (state.signalIds.has(id) || ![...chains.values()].some(({ waiting }) => waiting.has(name))) return
      this.#run.record({ type: 'signal.received', name, id,`,
    proofs: ['simulate'],
  },
  {
    name: 'lose-a-signal-asleep',
    is: 'signals that wait for their step are not in the snapshot of a run that leaves memory',
    file: 'src/engine/runs/run-snapshot.ts',
    before: 'signals: [...state.signals],',
    after: 'signals: [],',
    proofs: ['simulate'],
  },
  {
    name: 'take-a-signal-twice-asleep',
    is: 'the ids of signals are not in the snapshot of a run that leaves memory',
    file: 'src/engine/runs/run-snapshot.ts',
    before: 'signalIds: new Set(state.signalIds),',
    after: 'signalIds: new Set(),',
    proofs: ['simulate'],
  },
  {
    name: 'take-a-signal-twice',
    is: 'the id of a signal is not remembered',
    file: 'src/journal/run-state.ts',
    before: '      state.signalIds.add(event.id)\n',
    after: '',
    proofs: ['simulate'],
  },
  {
    name: 'deliver-a-signal-twice',
    is: 'the oldest signal is taken out, whichever was delivered',
    file: 'src/journal/run-state.ts',
    before: 'state.signals = state.signals.filter((signal) => signal.id !== event.id)',
    after: 'state.signals = state.signals.slice(1)',
    proofs: ['simulate'],
  },
  {
    name: 'resume-a-paused-run',
    is: 'an attempt that stood in line begins although its run was paused',
    file: 'src/engine/chains/attempt-slot.ts',
    before: 'if (this.parent.paused || !this.#owner.mayStart(this)) {',
    after: 'if (!this.#owner.mayStart(this)) {',
    proofs: ['simulate'],
  },
  {
    name: 'leave-paused-runs',
    is: 'paused runs are not taken up again when a process starts, and their waits lose their deadlines',
    file: 'src/engine/recover.ts',
    before: "await recoverHeads({ status: ['paused'] }, { store, wanted, reach })",
    after: '',
    proofs: ['simulate', 'test/engine/pause.test.ts'],
  },
  {
    name: 'miss-a-tick',
    is: 'a schedule forgets the ticks that came due while no process lived',
    file: 'src/engine/schedules/schedule-keeper.ts',
    before: 'state = decidedBy === timing ? kept : { ...kept, considered: now }',
    after: 'state = decidedBy === timing && false ? kept : { ...kept, considered: now }',
    proofs: ['test/property/schedules.test.ts'],
  },
  {
    name: 'double-a-tick',
    is: 'a process that died between a tick and its run starts another one for the same tick',
    file: 'src/engine/schedules/schedule-keeper.ts',
    before: 'const run = tickRun(name, tick)\n    try',
    after: 'const run = `${tickRun(name, tick)}.${String(clock.now() % 7)}`\n    try',
    proofs: ['test/property/schedules.test.ts'],
  },
  {
    name: 'ask-for-a-memo-for-ever',
    is: 'chains that wait for a memo before all runs are back are asked again and again',
    file: 'src/engine/memos.ts',
    before: `      const inLine = [...flight.waiting]
      for (const next of inLine) {`,
    after: '      for (const next of flight.waiting) {',
    proofs: ['test/engine/memos.test.ts'],
  },
  {
    name: 'begin-a-service-beside-itself',
    is: 'a service that is stopped by what its ready() set off is taken to have ended',
    file: 'src/supervision/service-node.ts',
    before: `    life.called = true
    try {
      returned = this.spec.body(context as never)
`,
    after: `    try {
      returned = this.spec.body(context as never)
      life.called = true
`,
    proofs: ['test/engine/services/tree.test.ts'],
  },
  {
    name: 'hold-for-two-for-ever',
    is: 'what two actions held back stays so where both end in one look',
    file: 'src/engine/actions/coordinate.ts',
    before: '    live.delete(record)\n',
    after: '',
    proofs: ['test/engine/actions.test.ts'],
  },
  {
    name: 'keep-over-a-person',
    is: 'a trial keeps what it tried over what a person has just said',
    file: 'src/engine/reflector/trials.ts',
    before: `      if (!this.#isOurs(trial.id)) return
      going.ending`,
    after: '      going.ending',
    proofs: ['test/engine/reflector.test.ts'],
  },
  {
    name: 'stand-by-an-old-memo',
    is: 'a chain that stands in line is done though a run that was retried has made its output by then',
    file: 'src/engine/runs/run-graph.ts',
    before: `      if (pass?.isOvertaken === true) pass.drop()
      else if (this.#memoKey(`,
    after: '      if (this.#memoKey(',
    proofs: ['test/engine/memo.test.ts'],
  },
]
