// What the tests of the app share: the built app, served over a shop that runs, and a browser that watches what leaves it.

import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, chromium, type Page } from 'playwright-core'
import { buildInspector } from '../../.ci/build-inspector.ts'
import { supervise } from '../../src/engine/create-supervisor.ts'
import type { Supervisor } from '../../src/engine/supervisor.ts'
import { createInspector } from '../../src/inspector/create-inspector.ts'
import { createMemoryStore } from '../../src/journal/memory-store.ts'
import { atPace, openShop, shop, type Opened } from './shop.ts'

export type Theme = 'light' | 'dark'

export interface Visit {
  readonly page: Page
  /** What the page complained of, and requests that went elsewhere. */
  readonly wrongs: readonly string[]
}

export interface Stage {
  readonly supervisor: Supervisor
  readonly runs: Opened
  readonly origin: string
  readonly token: string
  /** A fresh profile in a theme, at an address of the app such as `/runs`. */
  visit(address: string, theme?: Theme): Promise<Visit>
  /** Nobody serves the app until `work` is done; then it is where it was. */
  outage(work: () => Promise<void>): Promise<void>
  close(): Promise<void>
}

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export async function openStage(executablePath: string): Promise<Stage> {
  const app = mkdtempSync(join(tmpdir(), 'catenary-app-'))
  const [browser] = await Promise.all([chromium.launch({ executablePath, args: flags }), buildInspector(app)])
  const supervisor = await supervise(createMemoryStore(), { chains: shop, app: atPace(0) })
  const runs = await openShop(supervisor)
  const inspector = createInspector(supervisor, { app, enabled: true, commands: true, name: 'shop.db' })
  let listening = await inspector.listen()
  const { origin, port } = new URL(listening.url)
  return {
    supervisor,
    runs,
    origin,
    token: inspector.token,
    visit: async (address, theme = 'light') =>
      visit(browser, { origin, token: inspector.token }, address, theme),
    async outage(work) {
      await listening.close()
      await work()
      listening = await inspector.listen({ port: Number(port) })
    },
    async close() {
      await browser.close()
      await inspector[Symbol.asyncDispose]()
      await supervisor.stop()
      rmSync(app, { recursive: true })
    },
  }
}

async function visit(
  browser: Browser,
  { origin, token }: { readonly origin: string; readonly token: string },
  address: string,
  colorScheme: Theme,
): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1360, height: 860 }, colorScheme })
  const page = await context.newPage()
  page.setDefaultTimeout(8_000)
  const wrongs: string[] = []
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== origin) wrongs.push(`asked ${request.url()}`)
  })
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') wrongs.push(message.text())
  })
  page.on('pageerror', (error) => wrongs.push(error.message))
  await page.goto(`${origin}/#token=${token}`)
  await page.getByRole('heading', { level: 1, name: 'Now' }).waitFor()
  await page.goto(`${origin}/#${address}`)
  return { page, wrongs }
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe has against the page as it is, in words. */
export async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe)
  return page.evaluate(async () => {
    const { violations: found } = await (
      globalThis as unknown as {
        readonly axe: {
          run(): Promise<{
            readonly violations: readonly {
              readonly id: string
              readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[]
            }[]
          }>
        }
      }
    ).axe.run()
    return found.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
    )
  })
}
