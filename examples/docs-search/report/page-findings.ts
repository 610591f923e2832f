// The parts of the page that say what was found out: answers, recoveries, broken links.

import type { Answer } from '../chains/verify.ts'
import type { Recovery } from '../recovery.ts'
import type { BrokenRow, Report } from './contents.ts'
import { html, type Html, marked, plural } from './markup.ts'

export function questions({ questions: asked }: Report): Html {
  return html`<section id="questions">
    <header>
      <h2>Known questions</h2>
      <span class="soft">what the index must know, asked of it before it was published</span>
    </header>
    <div class="cards">${asked.filter(({ place }) => place !== null).map(card)}</div>
    ${notAsked(asked)}
  </section>`
}

function card({ question, expected, place, best }: Answer): Html {
  const verdict = place === 1 ? 'first answer' : `answer ${place}`
  if (best === undefined)
    return html`<div class="card">
      <h3>${question}</h3>
      <p class="bad">no answer</p>
    </div>`
  // a package's own description is a section without a heading of its own
  const heading = best.file === 'package.json' ? html`` : html`<p>${marked(best.heading)}</p>`
  return html`<div class="card">
    <h3>${question}</h3>
    <p>
      <b>${expected}</b> <span class="soft">${best.version} · ${best.file}</span> ·
      <span class="good">${verdict}</span>
    </p>
    ${heading}
    <p class="snippet">${marked(best.snippet)}</p>
  </div>`
}

function notAsked(asked: readonly Answer[]): Html {
  const names = asked.filter(({ place }) => place === null).map(({ expected }) => expected)
  return names.length === 0
    ? html``
    : html`<p class="soft">
        Not asked, because the package with the answer is not there: ${names.join(', ')}.
      </p>`
}

const tones = { skip: 'bad', fallback: 'warn', cap: 'warn', retry: 'good' } as const

export function recoveries({ recoveries: all }: Report): Html {
  const rows = all.map(
    (one: Recovery) =>
      html`<tr>
        <td class="path">${one.package}</td>
        <td>${one.reason}</td>
        <td><span class="pill ${tones[one.action]}">${one.action}</span></td>
        <td>${one.outcome}</td>
      </tr>`,
  )
  const body =
    all.length === 0
      ? html`<p class="good">Every package was read without any.</p>`
      : html`<div class="scroll">
          <table>
            <thead>
              <tr>
                <th>Package</th>
                <th>What was wrong</th>
                <th>Recovery</th>
                <th>What became of it</th>
              </tr>
            </thead>
            <tbody>
              ${rows}
            </tbody>
          </table>
        </div>`
  return html`<section id="recoveries">
    <header>
      <h2>Recoveries</h2>
      <span class="soft">nothing is left out without a word</span>
    </header>
    ${body}
  </section>`
}

export function brokenLinks({ brokenLinks: all, packages, totals }: Report): Html {
  const counts = new Map(packages.map(({ path, broken }) => [path, broken]))
  const count = (name: string): number => counts.get(name) ?? 0
  const byPackage = Map.groupBy(all, (row) => row.package)
  const groups = [...byPackage]
    .toSorted(([a], [b]) => count(b) - count(a) || (a < b ? -1 : 1))
    .map(
      ([name, rows]) =>
        html`<tr>
          <td class="path">${name}</td>
          <td class="n">${count(name)}</td>
          <td>${rows.slice(0, shown).map(target)}${more(count(name) - Math.min(shown, rows.length))}</td>
        </tr>`,
    )
  const body =
    all.length === 0
      ? html`<p class="good">All relative links lead to something that is installed.</p>`
      : html`<div class="scroll">
          <table>
            <thead>
              <tr>
                <th>Package</th>
                <th class="n">Broken</th>
                <th>Such as</th>
              </tr>
            </thead>
            <tbody>
              ${groups}
            </tbody>
          </table>
        </div>`
  return html`<section id="links">
    <header>
      <h2>Broken links</h2>
      <span class="soft"
        >${totals.broken} of ${plural(totals.links, 'relative link')} lead to nothing that was installed</span
      >
    </header>
    ${body}
  </section>`
}

const shown = 3

function target({ file, target: link, why }: BrokenRow): Html {
  return html`<div><code>${link}</code> <span class="soft">in ${file}: ${why}</span></div>`
}

function more(count: number): Html {
  return count > 0 ? html`<div class="soft">and ${count} more</div>` : html``
}
