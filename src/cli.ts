#!/usr/bin/env node
// The catenary command: refuses a Node that is too old, then hands over to src/cli.
import module from 'node:module'
import process from 'node:process'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(`catenary: this is Node ${process.versions.node}: run it with Node 22.18 or newer\n`)
  process.exitCode = 2
} else {
  // starts in a third of the time from the second call on
  module.enableCompileCache()
  const { main } = await import('./cli/main.ts')
  await main(process.argv.slice(2))
}
