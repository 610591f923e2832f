// What the package takes of a user's disk, and of their time to start: installed size, and `import 'catenary'`.

import { rmSync } from 'node:fs'
import { installProject, installedSize, run } from '../package/project.ts'

const rounds = 15
const project = installProject()
try {
  console.log(`own code installed: ${(installedSize(project) / 1024 / 1024).toFixed(2)} MB`)
  const empty = leastTime('')
  for (const source of ["import 'xstate'; import 'rxjs'", "import 'catenary'"]) {
    const time = leastTime(source) - empty
    console.log(`${source}: ${time.toFixed(0)} ms beyond an empty module (the least of ${rounds})`)
  }
} finally {
  rmSync(project.folder, { recursive: true })
}

/** Milliseconds of a process that only runs `source`; the least, as what others do only adds. */
function leastTime(source: string): number {
  const times = Array.from({ length: rounds }, () => {
    const begun = performance.now()
    run(process.execPath, ['--no-warnings', '--input-type=module', '-e', source], project.folder)
    return performance.now() - begun
  })
  return Math.min(...times)
}
