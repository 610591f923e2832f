import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Trace } from '../../src/testing.ts'
import { findChromium } from '../../.ci/chromium.ts'
import { order, release, reminder } from './shop.ts'
import { openStage, type Stage, type Theme, violations } from './browser.ts'

const found = findChromium()
const why = 'why' in found ? ` (skipped: ${found.why})` : ''

describe.skipIf('why' in found)(`the inspector in Chromium${why}`, () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage('path' in found ? found.path : '')
  }, 60_000)
  afterAll(async () => stage.close())

  const views: readonly (readonly [name: string, address: string, shows: string])[] = [
    ['Now', '/now', 'Root failures'],
    ['Inbox', '/inbox', 'Signals to give'],
    ['Runs', '/runs', 'Accepted'],
    ['a failed run', '/runs/run-failed?chain=suppliers&step=download', 'Attempts'],
    ['a waiting run', '/runs/run-release', 'waiting for the signal "approval"'],
    ['a chain of a run', '/runs/run-good?chain=prices', 'Needed by'],
    ['a machine', '/runs/run-order?tab=machine', 'Takes now'],
    ['messages', '/runs/run-good?tab=messages', 'chain.started'],
    ['an event', '/runs/run-good?tab=messages&event=3', 'Because of'],
    ['a moment', '/runs/run-good?at=9', 'As it was at'],
    ['Chains', '/chains', '8 chains'],
    ['a chain', '/chains?focus=prices', 'Downstream'],
    ['Status and advice', '/advice', 'Suggestions'],
  ]

  for (const theme of ['light', 'dark'] satisfies Theme[])
    test(`every view in ${theme} is shown, has nothing against it by axe, and asks nobody but its own origin`, async () => {
      const { page, wrongs } = await stage.visit('/now', theme)
      expect(await page.locator('html').getAttribute('data-theme')).toBe(theme)
      const against: string[] = []
      for (const [name, address, shows] of views) {
        await page.goto(`${stage.origin}/#${address}`)
        await page.locator('main').getByText(shows).first().waitFor()
        for (const one of await violations(page)) against.push(`${name}: ${one}`)
      }
      await page.keyboard.press('?')
      await page.getByRole('heading', { name: 'Keyboard' }).waitFor()
      for (const one of await violations(page)) against.push(`the sheet of keys: ${one}`)
      expect(against).toEqual([])
      expect(wrongs).toEqual([])
      await page.context().close()
    }, 60_000)

  test('a failing run is found from Now to its root cause in one click', async () => {
    const { page } = await stage.visit('/now')
    await page.getByRole('link', { name: /suppliers \/ download/ }).click()
    const detail = page.getByRole('complementary', { name: 'suppliers / download' })
    await detail.getByText('connect ECONNREFUSED 10.0.0.7:443').first().waitFor()
    expect(await detail.getByRole('row').count()).toBe(6)
    expect(await page.getByText('blocks 3 chains').count()).toBe(1)
    await detail.getByText(/In the last good run it took \d/).waitFor()
    await page.context().close()
  })

  test('a run is saved as a trace, which a test replays', async () => {
    const { page, wrongs } = await stage.visit('/runs/run-good')
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download trace' }).click(),
    ])
    expect(file.suggestedFilename()).toBe('run-good.trace.json')
    const trace = JSON.parse(readFileSync(await file.path(), 'utf8')) as Trace
    expect(trace).toMatchObject({ format: 'catenary-trace', run: 'run-good' })
    expect(trace.events.at(-1)?.type).toBe('run.ended')
    await page.getByText('run-good.trace.json is a test once').waitFor()
    expect(wrongs).toEqual([])
    await page.context().close()
  })

  test('an approval is given from the inbox, and the run goes on with its payload', async () => {
    const run = await stage.supervisor.start(
      release,
      { version: '9' },
      {
        id: 'approve-me',
      },
    )
    const { page } = await stage.visit('/inbox')
    const item = page.getByRole('article', { name: 'release of run approve-me' })
    await item.getByRole('button', { name: 'Approve' }).click()
    const payload = page.getByRole('textbox', { name: 'Payload, as JSON' })
    await payload.fill('{ "approved": tru')
    expect(await page.getByRole('button', { name: 'Send', exact: true }).isDisabled()).toBe(true)
    await payload.fill('{ "approved": true, "by": "ada" }')
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    expect(await run.result()).toEqual({ approval: { approved: true, by: 'ada' }, done: true })
    await item.waitFor({ state: 'detached' })
    await page.context().close()
  })

  test('an event is sent to a machine from its statechart, and its tree shows where it is then', async () => {
    await stage.supervisor.start(order, { total: 5 }, { id: 'pay-me' })
    const { page } = await stage.visit('/runs/pay-me?tab=machine')
    const tree = page.getByRole('tree')
    await tree.getByRole('treeitem', { name: 'open', selected: true }).first().waitFor()
    await page.getByRole('button', { name: 'Send PAY' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Send' }).click()
    await tree.getByRole('treeitem', { name: 'packing', selected: true }).last().waitFor()
    expect(await page.locator('g.node.on > text.name').allTextContents()).toEqual(
      expect.arrayContaining(['fulfilling', 'parcel', 'packing', 'invoice', 'sent']),
    )
    await page.context().close()
  })

  test('what happens is seen without asking again', async () => {
    const { page } = await stage.visit('/runs')
    await page.getByText('live', { exact: true }).waitFor()
    await stage.supervisor.start(reminder, undefined, { id: 'seen-live' })
    await page.getByRole('link', { name: 'seen-live' }).waitFor()
    await page.context().close()
  })

  test('a stream that breaks off is taken up again, and nothing that happened meanwhile is missed', async () => {
    const { page } = await stage.visit('/runs')
    await page.getByText('live', { exact: true }).waitFor()
    await stage.outage(async () => {
      await page.getByText(/^(connecting|no connection)/).waitFor()
      await stage.supervisor.start(reminder, undefined, { id: 'missed-nothing' })
    })
    await page.getByRole('link', { name: 'missed-nothing' }).waitFor()
    await page.getByText('live', { exact: true }).waitFor()
    await page.context().close()
  })

  test('all is done by keys: views, search, items, the theme', async () => {
    const { page } = await stage.visit('/now')
    await page.getByText('Root failures').waitFor()
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'run-failed' }).waitFor()
    await page.keyboard.press('3')
    await page.getByRole('button', { name: /run.accepted/ }).waitFor()
    await page.keyboard.press('[')
    await page.getByText('As it was at').waitFor()
    await page.keyboard.press('l')
    await page.getByText('As it was at').waitFor({ state: 'detached' })
    await page.keyboard.press('g')
    await page.keyboard.press('c')
    await page.getByRole('heading', { level: 1, name: 'Chains' }).waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('run-order')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'run-order' }).waitFor()
    await page.keyboard.press('t')
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark')
    await page.context().close()
  })

  test('the address is the whole state: opened elsewhere it shows the same', async () => {
    const { page } = await stage.visit('/runs/run-good?tab=messages')
    await page.getByRole('searchbox', { name: 'Filter messages' }).fill('chain:prices type:attempt')
    await page
      .getByRole('button', { name: /prices \/ check/ })
      .first()
      .click()
    await page.getByRole('heading', { name: 'What followed' }).waitFor()
    const messages = await page.locator('.message').allTextContents()
    const address = new URL(page.url()).hash.slice(1)
    const other = await stage.visit(address)
    await other.page.getByRole('heading', { name: 'What followed' }).waitFor()
    expect(await other.page.locator('.message').allTextContents()).toEqual(messages)
    expect(messages).toHaveLength(4)
    await page.context().close()
    await other.page.context().close()
  })

  test('the token leaves the address at once, and without it there is but a door', async () => {
    const { page } = await stage.visit('/now')
    expect(page.url()).not.toContain(stage.token)
    expect(
      await page.evaluate('document.cookie + JSON.stringify(Object.entries(localStorage))'),
    ).not.toContain(stage.token)
    const stranger = await page.context().newPage()
    await stranger.goto(`${stage.origin}/#/runs`)
    await stranger.getByText('Open the address that was printed').waitFor()
    await stranger.getByRole('textbox', { name: 'Token' }).fill(stage.token)
    await stranger.keyboard.press('Enter')
    await stranger.getByRole('link', { name: 'run-good' }).waitFor()
    await page.context().close()
  })
})
