// Tests of the audit itself: what it must find wrong, it finds.

import { expect, test } from 'vitest'
import type { Row, RunHead, RunStatus } from '../../src/journal/store.ts'
import { audit, type Left } from './audit.ts'

const row = (seq: number, type: string, body: object = {}): Row => ({
  seq,
  run: 'r',
  type,
  at: 0,
  body: JSON.stringify(body),
  payload: null,
})

const of = (attempt: number): object => ({ chain: 'c', step: 's', attempt })

/** A run of one step, whose first attempt is lost. */
const journal: readonly Row[] = [
  row(1, 'run.accepted'),
  row(2, 'attempt.started', of(1)),
  row(3, 'attempt.lost', of(1)),
  row(4, 'attempt.started', of(2)),
  row(5, 'attempt.succeeded', of(2)),
  row(6, 'run.ended'),
]
const lines = ['accepted r', 'r/c/s/1', 'r/c/s/2', 'done r/c/s/2', 'seen 6', 'ended r']

function left(rows: readonly Row[], told: number, status: RunStatus = 'running'): Left {
  const head: RunHead = {
    run: 'r',
    chain: 'c',
    status,
    priority: 0,
    acceptedAt: 0,
    endedAt: null,
    wakeAt: null,
    signals: '',
    attributes: '{}',
  }
  return { image: { rows, heads: [head], inbox: new Set([3]), problems: [] }, lines: told }
}

const killed = left(journal.slice(0, 2), 2)
const ended = left(journal, 6, 'succeeded')
const without = (place: number): readonly Row[] => journal.toSpliced(place, 1)

test('a job that went on as it must has no problems', () => {
  expect(audit(lines, [killed, ended])).toEqual([])
})

test.each<[string, readonly string[], readonly Left[], RegExp]>([
  [
    'a step that ran again after its commit',
    [...lines, 'r/c/s/3'],
    [ended, left(journal, 7, 'succeeded')],
    /ran although/,
  ],
  [
    'a body that ran before its start was committed',
    lines,
    [left(journal.slice(0, 1), 2), ended],
    /before its start/,
  ],
  ['an accepted run that is gone', lines, [left([], 1), ended], /accepted run r is lost/],
  [
    'an end that was told and is gone',
    ['ended r', ...lines],
    [left(journal.slice(0, 2), 3), ended],
    /end of run r was told/,
  ],
  ['an event that was told and is gone', ['seen 3', ...lines], [killed, ended], /event 3 was told/],
  ['committed events that are gone', lines, [ended, left(journal.slice(0, 4), 6)], /from seq 5 on are gone/],
  [
    'a committed event that was changed',
    lines,
    [killed, left(journal.with(0, row(1, 'run.paused')), 6)],
    /event 1 was changed/,
  ],
  ['an attempt lost without a kill', lines, [left(journal.slice(0, 1), 1), ended], /no kill took it/],
  ['one attempt that ran twice', ['r/c/s/1', ...lines], [killed, ended], /r\/c\/s\/1 is there twice/],
  [
    'a success whose body never ended',
    lines.toSpliced(3, 1),
    [killed, left(journal, 5, 'succeeded')],
    /never ended/,
  ],
  [
    'attempts whose numbers have a gap',
    lines,
    [killed, left(without(1), 6, 'succeeded')],
    /started after attempt 0/,
  ],
  [
    'a second outcome',
    lines,
    [killed, left([...journal, row(7, 'attempt.failed', of(2))], 6)],
    /second outcome/,
  ],
  [
    'an attempt without an outcome',
    lines,
    [killed, left([...without(4), row(6, 'run.ended')], 6, 'succeeded')],
    /2 has no outcome/,
  ],
  ['a run that never ended', lines, [killed, left(journal.slice(0, 5), 6)], /is running in the end/],
  ['a run that ended twice', lines, [killed, left([...journal, row(7, 'run.ended')], 6)], /ended 2 times/],
])('the audit finds %s', (_, said, processes, problem) => {
  expect(audit(said, processes).join('\n')).toMatch(problem)
})
