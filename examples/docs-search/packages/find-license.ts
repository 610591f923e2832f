// Which licence a package has: what package.json names, else what the text of its licence file says.

import { join } from 'node:path'
import { type Files, mayPass } from '../files.ts'
import { decode } from '../text/decode.ts'
import { isLicenseFile, licenseFromText } from './license-text.ts'
import { largestManifest, readManifest } from './manifest.ts'

export interface FoundLicense {
  readonly path: string
  /** An SPDX name or expression; null where nothing says it. */
  readonly license: string | null
  /** The file that says so. */
  readonly from: string | null
}

const longestText = 64 * 1024

/** Throws what may pass. */
export async function findLicense(root: string, path: string, files: Files): Promise<FoundLicense> {
  const folder = join(root, path)
  const manifest = await readManifest(path, async () =>
    files.read(join(folder, 'package.json'), largestManifest),
  )
  if (manifest.license !== null) return { path, license: manifest.license, from: 'package.json' }
  const file = await licenseFile(folder, files)
  if (file === undefined) return { path, license: null, from: null }
  try {
    const decoded = decode((await files.read(join(folder, file), longestText)).bytes, true)
    const license = decoded.kind === 'text' ? licenseFromText(decoded.text) : undefined
    return { path, license: license ?? null, from: license === undefined ? null : file }
  } catch (error) {
    if (mayPass(error)) throw error
    return { path, license: null, from: null }
  }
}

async function licenseFile(folder: string, files: Files): Promise<string | undefined> {
  try {
    return (await files.list(folder)).find(({ name, kind }) => kind === 'file' && isLicenseFile(name))?.name
  } catch (error) {
    if (mayPass(error)) throw error
    return undefined
  }
}
