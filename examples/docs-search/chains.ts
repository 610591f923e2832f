// The chains of docs-search, as a module that `catenary run` can load: `catenary run <this file> report`.

export { app } from './app.ts'
export { alert } from './chains/alert.ts'
export { discover } from './chains/discover.ts'
export { index } from './chains/index-sections.ts'
export { licenses } from './chains/licenses.ts'
export { parse } from './chains/parse.ts'
export { report } from './chains/report.ts'
export { verify } from './chains/verify.ts'
