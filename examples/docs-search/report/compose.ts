// Puts the report together from what the chains found.

import type { Licenses } from '../chains/licenses.ts'
import type { ParsedPackages } from '../chains/parse.ts'
import type { Answer, LinksByPackage } from '../chains/verify.ts'
import type { Parsed } from '../packages/chunk.ts'
import type { LockCheck } from '../packages/lockfile.ts'
import type { Alias } from '../packages/walk.ts'
import { type Recovery, sortRecoveries } from '../recovery.ts'
import type { BrokenRow, LicenseTable, PackageRow, Report } from './contents.ts'

export interface Findings {
  readonly parsed: ParsedPackages
  readonly copies: readonly Recovery[]
  readonly links: LinksByPackage
  readonly answers: readonly Answer[]
  readonly named: number
  /** Undefined where that branch failed. */
  readonly licenses: Licenses | undefined
  readonly aliases: readonly Alias[]
  readonly lockfile: LockCheck
  readonly left: number
}

export function compose(found: Findings): Report {
  const licenseOf = new Map(found.licenses?.map(({ path, license }) => [path, license]))
  const packages = found.parsed.packages.map((one): PackageRow => {
    const { checked = 0, broken = 0 } = found.links[one.path] ?? {}
    const { path, name, version, documents, sections } = one
    const license = licenseOf.get(path) ?? null
    return { path, name, version, documents, sections, links: checked, broken, license }
  })
  const recoveries = sortRecoveries([...found.parsed.recoveries, ...found.copies])
  const sum = (of: (row: PackageRow) => number): number => packages.reduce((all, row) => all + of(row), 0)
  return {
    format: 1,
    totals: {
      packages: packages.length,
      left: found.left,
      documents: sum((row) => row.documents),
      sections: sum((row) => row.sections),
      characters: found.parsed.packages.reduce((all, { characters }) => all + characters, 0),
      recoveries: recoveries.length,
      links: sum((row) => row.links),
      broken: sum((row) => row.broken),
    },
    packages,
    questions: found.answers,
    named: found.named,
    recoveries,
    brokenLinks: brokenRows(found.links),
    licenses: licenseTable(found.licenses),
    duplicates: duplicatesOf(found.parsed.packages),
    aliases: found.aliases,
    lockfile: found.lockfile,
  }
}

function brokenRows(links: LinksByPackage): readonly BrokenRow[] {
  return Object.entries(links)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([path, { examples }]) => examples.map((one) => ({ package: path, ...one })))
}

function licenseTable(found: Licenses | undefined): LicenseTable {
  if (found === undefined) return { status: 'unavailable' }
  const counts = new Map<string, number>()
  for (const { license } of found) if (license !== null) counts.set(license, (counts.get(license) ?? 0) + 1)
  const rows = [...counts].map(([license, packages]) => ({ license, packages }))
  return {
    status: 'known',
    counts: rows.toSorted((a, b) => b.packages - a.packages || (a.license < b.license ? -1 : 1)),
    unknown: found.filter(({ license }) => license === null).map(({ path }) => path),
    fromText: found.flatMap(({ path, license, from }) =>
      license === null || from === null || from === 'package.json'
        ? []
        : [{ package: path, license, file: from }],
    ),
  }
}

function duplicatesOf(packages: readonly Parsed[]): Report['duplicates'] {
  const versions = new Map<string, Set<string>>()
  for (const { name, version } of packages) {
    versions.set(name, (versions.get(name) ?? new Set<string>()).add(version))
  }
  return [...versions]
    .filter(([, all]) => all.size > 1)
    .map(([name, all]) => ({ name, versions: [...all].toSorted() }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}
