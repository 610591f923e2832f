// The report as one HTML page that stands alone.

import type { Report } from './contents.ts'
import { html, number, plural } from './markup.ts'
import { inventory, licenses } from './page-inventory.ts'
import { brokenLinks, questions, recoveries } from './page-findings.ts'
import { packages } from './page-packages.ts'
import { script } from './script.ts'
import { style } from './style.ts'

/** The same report gives the same page. */
export function page(report: Report): string {
  const { totals } = report
  const megabytes = (totals.characters / 1_000_000).toFixed(1)
  const tiles = [
    [number(totals.packages), 'packages', ''],
    [number(totals.documents), 'documents', ''],
    [number(totals.sections), 'sections', ''],
    [`${megabytes} MB`, 'of text', ''],
    [number(totals.recoveries), 'recoveries', totals.recoveries > 0 ? 'warn' : 'good'],
    [number(totals.broken), 'broken links', totals.broken > 0 ? 'warn' : 'good'],
  ] as const
  const body = html` <header>
      <div>
        <h1>The documentation of ${plural(totals.packages, 'package')}</h1>
        <p class="soft">${summary(report)}</p>
        <p>Searchable offline: <code>npm start -- --query "abort signal"</code></p>
        <div class="tiles">
          ${tiles.map(
            ([value, label, tone]) =>
              html`<div class="tile"><b class="${tone}">${value}</b><span>${label}</span></div>`,
          )}
        </div>
      </div>
    </header>
    <nav aria-label="Sections">
      <div>
        <a href="#questions">Known questions</a><a href="#recoveries">Recoveries</a
        ><a href="#links">Broken links</a> <a href="#licenses">Licences</a><a href="#packages">Packages</a
        ><a href="#inventory">Inventory</a>
      </div>
    </nav>
    <main>
      ${questions(report)}${recoveries(report)}${brokenLinks(report)}${licenses(report)}${packages(report)}${inventory(report)}
      <footer>
        Written by docs-search, an example of Catenary. The same facts are in report.json, byte for byte the
        same for the same packages.
      </footer>
    </main>`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>docs-search: ${plural(totals.packages, 'package')}</title>
<style>${style}</style>
</head>
<body>${body.html}
<script>${script}</script>
</body>
</html>
`
}

function summary({ totals, questions: asked, named }: Report): string {
  const known = asked.filter(({ place }) => place !== null).length
  const questionsPart = known === 0 ? '' : `${plural(known, 'known question')} answered, `
  const cut = totals.left === 0 ? '' : ` ${plural(totals.left, 'package')} left out by --limit.`
  return `${questionsPart}${plural(named, 'package')} found by name, ${plural(totals.links, 'relative link')} tried.${cut}`
}
