// The part of the page that lists the packages: to be sorted and filtered.

import type { PackageRow, Report } from './contents.ts'
import { html, type Html } from './markup.ts'

const columns = [
  ['Package', ''],
  ['Version', ''],
  ['Licence', ''],
  ['Documents', 'n'],
  ['Sections', 'n'],
  ['Links', 'n'],
  ['Broken', 'n'],
] as const

export function packages({ packages: all }: Report): Html {
  return html`<section id="packages">
    <header>
      <h2>Packages</h2>
      <input type="search" data-filter placeholder="Filter packages" aria-label="Filter packages" />
    </header>
    <div class="scroll">
      <table data-sortable>
        <thead>
          <tr>
            ${columns.map(
              ([name, kind]) => html`<th class="${kind}"><button type="button">${name}</button></th>`,
            )}
          </tr>
        </thead>
        <tbody>
          ${all.map(row)}
        </tbody>
      </table>
    </div>
  </section>`
}

function row(one: PackageRow): Html {
  const nested = one.path === one.name ? html`` : html`<div class="soft">${one.path}</div>`
  return html`<tr>
    <td class="path">${one.name}${nested}</td>
    <td>${one.version}</td>
    <td>${one.license ?? ''}</td>
    <td class="n">${one.documents}</td>
    <td class="n">${one.sections}</td>
    <td class="n">${one.links}</td>
    <td class="n ${one.broken > 0 ? 'warn' : ''}">${one.broken}</td>
  </tr>`
}
