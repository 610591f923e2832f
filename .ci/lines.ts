// Gives every statement of whitespace-free code a line of its own: a stack trace names a short line, and an uncaught
// error prints that line rather than a whole chunk.

/** A node of the syntax tree, as far as it is looked at. */
interface Node {
  readonly type: string
  readonly start: number
  readonly [field: string]: unknown
}

const isNode = (value: unknown): value is Node =>
  typeof (value as Partial<Node> | null)?.type === 'string' && typeof (value as Node).start === 'number'

/** Where the statements of all blocks begin, and the members of classes. */
function startsOf(node: Node, starts: number[] = []): number[] {
  for (const value of Object.values(node))
    for (const child of Array.isArray(value) ? value : [value]) {
      if (!isNode(child)) continue
      if (/^(Program|BlockStatement|ClassBody|StaticBlock)$/.test(node.type)) starts.push(child.start)
      startsOf(child, starts)
    }
  return starts
}

/** @param parse reads the code as a module. */
export function oneStatementALine(code: string, parse: (code: string) => unknown): string {
  const cuts = startsOf(parse(code) as Node).filter((start) => start > 0 && code[start - 1] !== '\n')
  const from = [0, ...cuts.toSorted((a, b) => a - b)]
  return from.map((start, i) => code.slice(start, from[i + 1])).join('\n')
}
