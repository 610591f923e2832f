// Whatever is asked, with the token or without: an answer of a known kind, never a fault of the server.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import { createInspector } from '../../src/inspector/create-inspector.ts'
import { routes } from '../../src/inspector/protocol.ts'
import { createRig } from '../engine/rig.ts'

const order = chain('order')
  .wait('approval')
  .step('ship', ({ steps }) => steps.approval)
const known = [200, 308, 400, 401, 403, 404, 405, 409, 413, 415]

test('whatever is asked for is answered, and without the token never with data', async () => {
  const rig = await createRig([order])
  const { id } = await rig.start(order, { password: 'hunter2' })
  const inspector = createInspector(rig.supervisor, { enabled: true, commands: true })
  const part = fc.oneof(
    fc.constantFrom(id, 'runs', 'chains', 'order', 'events', 'api', '..', '%00', '%E0%A4%A', '__proto__', ''),
    fc.string({ maxLength: 12 }).map(encodeURIComponent),
  )
  const path = fc.oneof(
    fc
      .constantFrom(...Object.values(routes))
      .map((route) => route.replace(':run', id).replace(':chain', 'order')),
    fc.array(part, { maxLength: 5 }).map((parts) => `/api/${parts.join('/')}`),
    fc.array(part, { maxLength: 4 }).map((parts) => `/${parts.join('/')}`),
  )
  const value = fc.oneof(
    fc.constantFrom('0', '-1', '1e308', 'NaN', '9007199254740993', id, 'running,failed', 'waiting', ''),
    fc.string({ maxLength: 8 }),
  )
  const query = fc.dictionary(
    fc.oneof(
      fc.constantFrom('q', 'chain', 'status', 'attr.customer', 'attr.', 'before', 'limit', 'after', 'at'),
      fc.string({ maxLength: 6 }),
    ),
    value,
    { maxKeys: 4 },
  )
  const body = fc.oneof(
    fc.json({ maxDepth: 3 }),
    fc
      .record({
        do: fc.constantFrom('signal', 'send', 'retry', 'apply', 'act', 'x'),
        run: fc.string(),
        id: fc.string(),
        name: fc.string(),
      })
      .map((one) => JSON.stringify(one)),
  )
  await fc.assert(
    fc.asyncProperty(
      path,
      query,
      fc.constantFrom('GET', 'HEAD', 'POST', 'PUT'),
      body,
      fc.boolean(),
      async (where, asked, method, text, friend) => {
        if (where === routes.stream) return
        const url = `http://localhost:1${where}?${new URLSearchParams(asked).toString()}`
        if (!URL.canParse(url)) return
        const response = await rig.until(
          inspector.fetch(
            new Request(url, {
              method,
              headers: {
                'content-type': 'application/json',
                ...(friend ? { authorization: `Bearer ${inspector.token}` } : {}),
              },
              ...(method === 'GET' || method === 'HEAD' ? {} : { body: text }),
            }),
          ),
        )
        const said = await response.text()
        // the app is not built where only the sources are
        expect(
          [...known, ...(new URL(url).pathname === '/' ? [503] : [])],
          `${method} ${url}: ${said}`,
        ).toContain(response.status)
        expect(response.headers.get('cache-control')).toBe('no-store')
        expect(said).not.toContain('hunter2')
        if (!friend) expect(said).not.toContain('acceptedAt')
      },
    ),
    { numRuns: 600 },
  )
  await rig.until(rig.supervisor.stop())
})
