// Makes a small node_modules for docs-search: sound packages, some without a README, and some that cannot be read.

import { globSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** @returns the folder. */
export function makePackages(folder: string, count: number): string {
  const root = join(folder, 'node_modules')
  const names = Array.from({ length: count }, (_, n) => (n % 5 === 4 ? `@scope/part-${n}` : `package-${n}`))
  for (const [n, name] of names.entries()) {
    const at = join(root, name)
    mkdirSync(at, { recursive: true })
    writeFileSync(
      join(at, 'package.json'),
      JSON.stringify({
        name,
        version: `1.0.${n}`,
        description: `does ${words(n)}`,
        license: n % 7 === 0 ? 'ISC' : 'MIT',
      }),
    )
    if (n % 6 === 5) continue
    const sections = Array.from(
      { length: 1 + (n % 4) },
      (_, part) => `## Part ${part}\n\n${words(n + part)}\n`,
    )
    writeFileSync(
      join(at, 'README.md'),
      `# ${name}\n\nSee [more](more-${n % 2}.md).\n\n${sections.join('\n')}`,
    )
    if (n % 3 === 0) writeFileSync(join(at, 'more-0.md'), `# More of ${name}\n`)
  }
  const listed = Object.fromEntries(names.map((name) => [`node_modules/${name}`, { version: '1.0.0' }]))
  writeFileSync(
    join(root, '.package-lock.json'),
    JSON.stringify({ packages: { ...listed, 'node_modules/gone': {} } }),
  )
  const failing = failingFile()
  for (const name of failing === undefined ? [] : ['sealed-a', 'sealed-b', 'sealed-c']) {
    mkdirSync(join(root, name))
    writeFileSync(join(root, name, 'package.json'), JSON.stringify({ name, version: '1.0.0' }))
    symlinkSync(failing ?? '', join(root, name, 'README.md'))
  }
  return root
}

function words(n: number): string {
  const all = [
    'abort',
    'signal',
    'stream',
    'parse',
    'graph',
    'cycle',
    'retry',
    'lock',
    'commit',
    'queue',
    'timer',
  ]
  return Array.from({ length: 12 }, (_, at) => all[(n * 7 + at * 3) % all.length]).join(' ')
}

/** A file of this system whose reading fails as a bad disk does: the kernel's answer for devices without this. */
function failingFile(): string | undefined {
  return globSync('/sys/devices/*/power/autosuspend_delay_ms').find((file) => {
    try {
      readFileSync(file)
      return false
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EIO'
    }
  })
}
