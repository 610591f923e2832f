// Reads a command that came over the wire: nothing is done that is not exactly of one of its shapes.

import { Refusal } from './answers.ts'
import type { Command } from './protocol.ts'

type Field = readonly [what: string, fits: (value: unknown) => boolean]

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isText = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= 1_000

const text: Field = ['a text of 1 to 1,000 characters', isText]
const optional = ([what, fits]: Field): Field => [what, (value) => value === undefined || fits(value)]
const from: Field = [
  '{ chain, step? }',
  (value) =>
    isObject(value) &&
    isText(value['chain']) &&
    (value['step'] === undefined || isText(value['step'])) &&
    Object.keys(value).every((key) => key === 'chain' || key === 'step'),
]
const event: Field = ['an object with a type', (value) => isObject(value) && isText(value['type'])]

const about = { run: text, reason: optional(text) }
const suggestion = { suggestion: text }
const action = { action: text }

/** Every command, and what it is made of. */
const shapes: { readonly [D in Command['do']]: Readonly<Record<string, Field>> } = {
  signal: { run: text, name: text, payload: ['anything', () => true], id: text },
  send: { run: text, event, to: optional(text), id: text },
  pause: about,
  resume: about,
  cancel: about,
  retry: { run: text, from: optional(from) },
  apply: suggestion,
  dismiss: suggestion,
  act: action,
  undo: action,
}

/** @throws Refusal with all that is wrong. */
export function readCommand(given: unknown): Command {
  const refuse = (problem: string): never => {
    throw new Refusal(400, 'BAD_COMMAND', `this is no command: ${problem}`)
  }
  if (!isObject(given)) return refuse('it is no object')
  const { do: what, ...fields } = given
  if (typeof what !== 'string' || !Object.hasOwn(shapes, what))
    return refuse(`"do" is none of ${Object.keys(shapes).join(', ')}`)
  const shape = shapes[what as Command['do']]
  const problems = [
    ...Object.entries(shape).flatMap(([name, [form, fits]]) =>
      fits(fields[name]) ? [] : [`"${name}" is not ${form}`],
    ),
    ...Object.keys(fields).flatMap((name) =>
      Object.hasOwn(shape, name) ? [] : [`it takes no "${name.slice(0, 40)}"`],
    ),
  ]
  return problems.length === 0 ? (given as unknown as Command) : refuse(problems.join('; '))
}
