// The parts of the page that say what is installed: licences, versions, links and what npm's lockfile says.

import type { Report } from './contents.ts'
import { html, type Html, plural } from './markup.ts'

export function licenses({ licenses: table }: Report): Html {
  if (table.status === 'unavailable') {
    return html`<section id="licenses">
      <header><h2>Licences</h2></header>
      <p class="warn">
        Not found out this time: that branch failed, and the report does without it. alert.txt says why.
      </p>
    </section>`
  }
  const most = Math.max(1, ...table.counts.map((one) => one.packages))
  const bars = table.counts.map(
    (one) =>
      html`<span>${one.license}</span>
        <div class="bar"><i style="width: ${percent(one.packages / most)}"></i></div>
        <span class="soft">${one.packages}</span>`,
  )
  const fromText = table.fromText.map((one) => `${one.package} (${one.license}, from ${one.file})`)
  return html`<section id="licenses">
    <header><h2>Licences</h2></header>
    <div class="card"><div class="bars">${bars}</div></div>
    ${list('Named nowhere', table.unknown, 'warn')}${list('Known from the text of a file only', fromText, '')}
  </section>`
}

export function inventory({ duplicates, aliases, lockfile }: Report): Html {
  const versions = duplicates.map(({ name, versions: all }) => `${name} (${all.join(', ')})`)
  const npm = lockfile.compared
    ? `npm's lockfile lists ${plural(lockfile.listed, 'package')}; \
${lockfile.missing.length} of them missing, ${lockfile.extra.length} more on disk than listed.`
    : 'There is no lockfile in node_modules to compare with.'
  return html`<section id="inventory">
    <header><h2>Inventory</h2></header>
    <p>${npm}</p>
    ${list('Missing', lockfile.missing, 'warn')}${list('Not listed', lockfile.extra, 'warn')}
    ${list('In more than one version', versions, '')}
    ${list(
      'Links to packages found elsewhere',
      aliases.map(({ path, to }) => `${path} to ${to}`),
      '',
    )}
  </section>`
}

function list(label: string, names: readonly string[], tone: string): Html {
  return names.length === 0
    ? html``
    : html`<p>
        <span class="${tone === '' ? 'soft' : tone}">${label} (${names.length}):</span> ${names.join(', ')}
      </p>`
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`
}
