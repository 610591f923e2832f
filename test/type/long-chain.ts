// Writes the source of a chain of many steps, with one of every ten an `each`, a `choose` and a `parallel`.

const imports = `import { chain } from 'catenary'\nexport const first = chain('first')\n`

/** A module with such a chain; without steps, only its imports. */
export function longChain(steps: number): string {
  if (steps === 0) return imports
  const lines = Array.from({ length: steps }, (_, at) => `  ${line(at)}`)
  const last = `export const last = long.step('last', ({ steps }) => steps.s${steps - 1})`
  return `${imports}export const long = chain<number>('long')\n${lines.join('\n')}\n${last}\n`
}

function line(at: number): string {
  const before = `steps.s${at - 1}`
  switch (at % 10) {
    case 5:
      return `.each('s${at}', ({ steps }) => [${before}], async (x, { steps }) => [x, ${before}])`
    case 7:
      return `.choose('s${at}', (c) => c.when(({ steps }) => ${before} !== null, (b) => b.step('a${at}', () => 1)).otherwise((b) => b.step('b${at}', ({ steps }) => ${before})))`
    case 9:
      return `.parallel('s${at}', { a: (b) => b.step('a${at}', () => 1), b: (b) => b.step('b${at}', ({ steps }) => [${before}]) })`
    default: {
      const [scope, value] = at === 0 ? ['{ input }', 'input'] : ['{ steps }', `[${before}].length`]
      return `.step('s${at}', async (${scope}) => ({ v${at}: ${value} }), { attempts: 3, timeout: '30s' })`
    }
  }
}
