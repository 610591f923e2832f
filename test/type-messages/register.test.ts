import { expect, test } from 'vitest'
import { typecheck } from '../type/typecheck.ts'

const read = `
import { chain } from 'catenary'
export const one = chain('one').step('read', ({ app }) => app.db.length)
`
const register = `declare module 'catenary' { interface Register { app: { db: string } } }`

/** What a user reads: the package's sources, which users have only the declarations of, are left out. */
function complaints(files: Readonly<Record<string, string>>): readonly string[] {
  const { diagnostics } = typecheck(files)
  return diagnostics.filter(({ file }) => file in files).map(({ message }) => message)
}

test('app is unknown until it is registered', { timeout: 60_000 }, () => {
  expect(complaints({ 'read.ts': read })).toEqual(["'app' is of type 'unknown'."])
})

test('app has the type that it is registered with', { timeout: 60_000 }, () => {
  expect(complaints({ 'read.ts': read, 'register.ts': `${register}\nexport {}` })).toEqual([])
})
