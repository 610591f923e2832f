// Each service is killed, wedged and crash-looped: what becomes of it, and what healthz() and the command say.

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { createVirtualClock } from 'catenary/testing'
import { type App, startApp } from '../../../examples/service-tree/app.ts'
import { place } from '../../cli/spawn.ts'

interface Stage extends App {
  /** Lets time pass, with all real input and output that comes of it. */
  pass(ms: number): Promise<void>
  /** Comes back once it holds; time stands still meanwhile. */
  until(holds: () => boolean): Promise<void>
  /** `id state`, without what is ready and running. */
  trouble(): readonly string[]
  get(path: string): Promise<{ readonly status: number; readonly body: unknown }>
  /** What `catenary` says of the store, from another process. */
  catenary(...line: readonly string[]): Promise<string>
  feed: { orders: number; breaks: number; hangs: boolean }
  /** How often each service was started. */
  starts(): Readonly<Record<string, number>>
}

async function stage({ port = 0 } = {}): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'service-tree-'))
  const store = join(folder, 'app.db')
  const clock = createVirtualClock({ now: 1_000_000 })
  const feed: Stage['feed'] = { orders: 1, breaks: 0, hangs: false }
  const app = await startApp({
    store,
    port,
    clock,
    feed: {
      async after(last) {
        if (feed.breaks-- > 0) throw new Error('the feed is down')
        if (feed.hangs) await new Promise(() => {})
        return Array.from({ length: feed.orders - last }, (_, at) => last + at + 1)
      },
    },
    wait: async (ms, signal) =>
      new Promise((resolve, reject) => {
        const cancel = clock.at(clock.now() + ms, resolve)
        const aborted = (): void => {
          cancel()
          reject(signal.reason as Error)
        }
        signal.addEventListener('abort', aborted, { once: true })
      }),
  })
  const until: Stage['until'] = async (holds) => {
    for (let turn = 0; turn < 10_000; turn++) {
      await clock.settle()
      if (holds()) return
      await setImmediate()
    }
    throw new Error(`it never came to that: ${JSON.stringify(app.supervisor.healthz())}`)
  }
  onTestFinished(async () => {
    const stopped = app.supervisor.stop()
    let over = false
    void stopped.then(() => (over = true))
    for (let turn = 0; !over && turn < 10_000; turn++) {
      await clock.advance(1_000)
      await setImmediate()
    }
    await stopped
    rmSync(folder, { recursive: true })
  })
  const there = place()
  return {
    ...app,
    feed,
    until,
    async pass(ms) {
      const end = clock.now() + ms
      while (clock.now() < end) {
        await clock.advance(Math.min(500, end - clock.now()))
        for (let turn = 0; turn < 3; turn++) await setImmediate()
      }
    },
    trouble: () =>
      app.supervisor
        .healthz()
        .services.filter(({ state }) => state !== 'ready' && state !== 'running')
        .map(({ id, state }) => `${id} ${state}`),
    async get(path) {
      const response = await fetch(`http://127.0.0.1:${app.served.port}${path}`)
      return { status: response.status, body: await response.json() }
    },
    async catenary(...line) {
      // how all stands is written at most once a second
      await clock.advance(1_000)
      const { out, err } = await there.run(...line, '--store', store)
      return out + err
    },
    starts: () =>
      Object.fromEntries(
        app.supervisor
          .healthz()
          .services.flatMap((one) => (one.kind === 'service' ? [[one.id, one.starts]] : [])),
      ),
  }
}

test('all is well: orders come in, are shipped once, and every probe says so', async () => {
  const { until, get, shipped, supervisor, feed, pass, catenary } = await stage()
  await until(() => shipped.length === 1)
  feed.orders = 3
  await pass(5_000)
  await until(() => shipped.length === 3)
  expect(supervisor.healthz().ok).toBe(true)
  expect(await get('/healthz')).toMatchObject({ status: 200, body: { ok: true, state: 'running' } })
  expect(await get('/orders')).toEqual({ status: 200, body: [1, 2, 3] })
  const said = await catenary('status')
  expect(said).toContain('executed by a live process')
  expect(said).toContain('3 of 3 services ready')
})

test('a consumer that breaks backs off, and the poller begins anew with it; nothing is lost or doubled', async () => {
  const { until, queue, shipped, feed, pass, trouble, get, catenary, starts } = await stage()
  await until(() => shipped.length === 1)
  queue.broken = new Error('the broker is gone')
  queue.poke()
  await until(() => trouble().length > 0)
  expect(trouble()).toEqual(['intake restarting', 'consumer backing-off'])
  expect(await get('/healthz')).toMatchObject({ status: 503, body: { ok: false } })
  queue.broken = undefined
  const why = await catenary('why', 'consumer')
  expect(why).toMatch(/service consumer is (backing-off|ready)/)
  feed.orders = 2
  await pass(6_000)
  await until(() => shipped.length === 2)
  expect(shipped).toEqual([1, 2])
  expect(starts()).toEqual({ server: 1, consumer: 2, poller: 2 })
  expect(trouble()).toEqual([])
})

test('a wedged consumer fails its liveness, is given up, and another takes its message', async () => {
  const { until, queue, shipped, feed, pass, trouble, starts, catenary, supervisor } = await stage()
  await until(() => shipped.length === 1)
  queue.hangs = true
  feed.orders = 2
  await pass(6_000)
  expect(queue.length).toBe(1)
  for (let waited = 0; waited < 60_000 && trouble().length === 0; waited += 500) await pass(500)
  expect(trouble()).toEqual(['consumer failing'])
  expect(await catenary('status')).toMatch(/2 of 3 services ready\n {2}service consumer is failing/)
  queue.hangs = false
  const exits: string[] = []
  supervisor.events$.subscribe((event) => {
    if (event.type === 'service.exited')
      exits.push(`${event.service} ${event.reason}${event.late ? ' late' : ''}`)
  })
  await pass(8_000)
  await until(() => shipped.length === 2)
  expect(exits[0]).toBe('consumer unhealthy')
  expect(starts()).toMatchObject({ server: 1, consumer: 2 })
  expect(trouble()).toEqual([])
})

test('a consumer that breaks again and again takes its group down, which the root restarts', async () => {
  const { until, queue, pass, supervisor, shipped, trouble, feed } = await stage()
  await until(() => shipped.length === 1)
  queue.broken = new Error('the broker is gone')
  queue.poke()
  const escalated: string[] = []
  supervisor.events$.subscribe((event) => {
    if (event.type === 'group.escalated') escalated.push(`${event.group} ${event.cause}`)
  })
  for (let waited = 0; waited < 60_000 && escalated.length === 0; waited += 1_000) await pass(1_000)
  expect(escalated[0]).toBe('intake intensity')
  expect(supervisor.healthz()).toMatchObject({ ok: false, state: 'running' })
  queue.broken = undefined
  feed.orders = 2
  await pass(70_000)
  await until(() => shipped.length === 2)
  expect(trouble()).toEqual([])
})

test('a poller that breaks at every start uses up all restarts: services end, the process lives and says so', async () => {
  const { until, feed, pass, supervisor, shipped, catenary, served } = await stage()
  await until(() => shipped.length === 1)
  feed.breaks = Infinity
  await pass(5_000)
  await until(() => served.port === undefined)
  expect(supervisor.healthz()).toMatchObject({ ok: false, state: 'running' })
  expect(supervisor.healthz().services.filter(({ state }) => state === 'ready')).toEqual([])
  expect(await catenary('status')).toMatch(
    /all services have ended since .*: more restarts than it may try; restart the process/,
  )
})

test('a server whose port is taken backs off until it is free; runs that need it wait and say so', async () => {
  const blocker = createServer()
  await new Promise<void>((listening) => blocker.listen(0, '127.0.0.1', listening))
  const { port } = blocker.address() as { port: number }
  const { until, trouble, shipped, supervisor, pass, get, catenary } = await stage({ port })
  await until(() => trouble().includes('server backing-off'))
  await until(() =>
    supervisor.healthz().services.some(({ id, state }) => id === 'poller' && state === 'ready'),
  )
  await pass(1_000)
  expect(shipped).toEqual([])
  expect(supervisor.healthz().services[0]).toMatchObject({
    failure: expect.stringContaining('EADDRINUSE') as string,
  })
  expect(await catenary('why', 'order-1')).toMatch(
    /until the service server is ready[^]*\nservice server is /,
  )
  await new Promise((closed) => blocker.close(closed))
  await pass(40_000)
  await until(() => shipped.length === 1)
  expect(await get('/orders')).toEqual({ status: 200, body: [1] })
})

test('a server whose socket breaks again and again backs off longer and longer, and costs nobody else a restart', async () => {
  const { until, served, shipped, feed, pass, trouble, starts, catenary, supervisor } = await stage()
  await until(() => shipped.length === 1)
  for (let times = 1; times <= 4; times++) {
    await until(() => served.fail !== undefined)
    served.fail?.(new Error('the socket broke'))
    await until(() => trouble().length > 0)
    expect(trouble()).toEqual(['server backing-off'])
    expect(supervisor.healthz().services[0]).toMatchObject({
      failure: expect.stringContaining('the socket broke') as string,
    })
    for (let waited = 0; waited < 30_000 && served.fail === undefined; waited += 500) await pass(500)
  }
  feed.orders = 2
  await pass(6_000)
  await until(() => shipped.length === 2)
  expect(await catenary('why', 'server')).toMatch(/service server is ready .*started 5 times/)
  expect(starts()).toEqual({ server: 5, consumer: 1, poller: 1 })
  expect(trouble()).toEqual([])
})

test('a wedged server fails its liveness, lets its connections go, and another one answers', async () => {
  const { until, served, shipped, pass, get, starts, supervisor, trouble } = await stage()
  await until(() => shipped.length === 1)
  const exits: string[] = []
  supervisor.events$.subscribe((event) => {
    if (event.type === 'service.exited') exits.push(`${event.service} ${event.reason}`)
  })
  served.hangs = true
  const unheard = get('/orders').then(
    () => 'answered',
    () => 'cut off',
  )
  await pass(1_000)
  for (let waited = 0; waited < 90_000 && exits.length === 0; waited += 500) await pass(500)
  expect(await unheard).toBe('cut off')
  served.hangs = false
  await until(() => served.port !== undefined || trouble().length > 0)
  for (let waited = 0; waited < 30_000 && served.port === undefined; waited += 500) await pass(500)
  expect(await get('/orders')).toEqual({ status: 200, body: [1] })
  expect(exits).toEqual(['server unhealthy'])
  expect(starts()).toEqual({ server: 2, consumer: 1, poller: 1 })
})

test('a poller whose feed never answers fails its liveness, is given up, and another asks anew', async () => {
  const { until, shipped, feed, pass, starts, supervisor, trouble, catenary } = await stage()
  await until(() => shipped.length === 1)
  const exits: string[] = []
  supervisor.events$.subscribe((event) => {
    if (event.type === 'service.exited') exits.push(`${event.service} ${event.reason}`)
  })
  feed.hangs = true
  feed.orders = 2
  for (let waited = 0; waited < 90_000 && trouble().length === 0; waited += 500) await pass(500)
  expect(trouble()).toEqual(['poller failing'])
  expect(await catenary('why', 'poller')).toContain('service poller is failing')
  feed.hangs = false
  await pass(8_000)
  await until(() => shipped.length === 2)
  expect(exits[0]).toBe('poller unhealthy')
  expect(starts()).toEqual({ server: 1, consumer: 1, poller: 2 })
  expect(trouble()).toEqual([])
})

test('a feed that throws costs the poller a restart, and nobody else', async () => {
  const { until, shipped, feed, pass, starts, trouble } = await stage()
  await until(() => shipped.length === 1)
  feed.breaks = 1
  feed.orders = 2
  await pass(6_000)
  await until(() => shipped.length === 2)
  expect(starts()).toEqual({ server: 1, consumer: 1, poller: 2 })
  expect(trouble()).toEqual([])
})

test('SIGTERM stops the app in order, and its process ends by itself', async () => {
  const root = join(import.meta.dirname, '../../..')
  const folder = mkdtempSync(join(tmpdir(), 'service-tree-'))
  const line = ['--import', join(root, '.ci/source.ts'), join(root, 'examples/service-tree/main.ts'), '0']
  const child = spawn(process.execPath, line, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true })
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    if (!text.includes('listens on') && (text + chunk).includes('listens on')) child.kill('SIGTERM')
    text += chunk
  })
  const code = await new Promise((ended) => child.on('close', ended))
  expect(code).toBe(0)
  const ended = [
    ...text.matchAll(
      /"type":"service.exited".*"service":"(\w+)"|"service":"(\w+)".*"type":"service.exited"/g,
    ),
  ]
  expect(ended.map(([, one, other]) => one ?? other)).toEqual(['poller', 'consumer', 'server'])
  expect(text).toMatch(/stopped\n$/)
})
