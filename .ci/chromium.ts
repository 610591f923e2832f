// Finds the Chromium that tests drive, and installs Debian's where there is none. `node .ci/chromium.ts`
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** @returns its path, or in a sentence why there is none. */
export function findChromium(): { readonly path: string } | { readonly why: string } {
  const given = process.env['CATENARY_CHROMIUM']
  if (given !== undefined) return existsSync(given) ? { path: given } : { why: `there is no ${given}` }
  const path = places.find((place) => existsSync(place))
  if (path !== undefined) return { path }
  if (process.getuid?.() !== 0)
    return { why: 'no Chromium is installed: `apt-get install chromium` brings one' }
  const install = 'apt-get install -y --no-install-recommends chromium'
  const { status } = spawnSync('sh', ['-c', `${install} || (apt-get update && ${install})`], {
    stdio: 'ignore',
  })
  const installed = places.find((place) => existsSync(place))
  return status === 0 && installed !== undefined
    ? { path: installed }
    : { why: 'no Chromium is installed, and apt-get could not bring one' }
}

if (process.argv[1] === import.meta.filename) console.log(findChromium())
