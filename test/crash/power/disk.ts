// A disk that is sure of nothing but what was synced: rebuilt from a log of deeds, and cut off at any instant.

import type { Chance } from '../aim.ts'
import { type Content, createContent, type Mercy } from './content.ts'
import type { Deed } from './recorder.ts'

/** A name that was given, or taken away; sure once its folder is synced. */
interface Naming {
  readonly path: string
  readonly content: Content | undefined
}

export interface Disk {
  apply(deed: Deed): void
  /** The files that a power cut now would leave, by path. */
  cut(chance: Chance): { readonly mercy: Mercy; readonly files: ReadonlyMap<string, Buffer> }
}

interface Handle {
  readonly path: string
  /** Undefined for a folder. */
  readonly content: Content | undefined
  /** What the sync under way will make sure of. */
  syncing: number
}

export function createDisk(): Disk {
  const handles = new Map<string, Handle>()
  /** As the system sees them. */
  const names = new Map<string, Content>()
  /** As the disk is sure of them. */
  const durable = new Map<string, Content>()
  let namings: readonly Naming[] = []

  function name(path: string, content: Content | undefined): void {
    set(names, path, content)
    namings = [...namings, { path, content }]
  }

  function opened(handle: string, path: string, made: boolean): Content | undefined {
    if (made) name(path, createContent())
    const content = names.get(path)
    handles.set(handle, { path, content, syncing: 0 })
    return content
  }

  function syncBegun(handle: Handle | undefined): void {
    if (handle !== undefined) handle.syncing = handle.content?.changes ?? namings.length
  }

  function syncEnded(handle: Handle | undefined): void {
    if (handle?.content !== undefined) return handle.content.sync(handle.syncing)
    const folder = handle?.path.replace(/\/$/, '')
    const isSure = ({ path }: Naming, place: number): boolean =>
      place < (handle?.syncing ?? 0) && path.slice(0, path.lastIndexOf('/')) === folder
    for (const naming of namings.filter(isSure)) set(durable, naming.path, naming.content)
    namings = namings.filter((naming, place) => !isSure(naming, place))
  }

  return {
    apply({ operation, handle, offset, bytes }) {
      switch (operation) {
        case 'opened':
        case 'created':
          return void opened(handle, bytes.toString(), operation === 'created')
        case 'emptied':
          return opened(handle, bytes.toString(), false)?.change({ kind: 'size', size: 0 })
        case 'written':
          return handles.get(handle)?.content?.change({ kind: 'write', offset, bytes })
        case 'cut':
          return handles.get(handle)?.content?.change({ kind: 'size', size: offset })
        case 'sync-begun':
          return syncBegun(handles.get(handle))
        case 'sync-ended':
          return syncEnded(handles.get(handle))
        case 'removed':
          return name(bytes.toString(), undefined)
        case 'renamed': {
          const [from = '', to = ''] = bytes.toString().split('\0')
          name(to, names.get(from))
          return name(from, undefined)
        }
        case 'none':
          throw new Error('the log of deeds is damaged')
      }
    },
    cut(chance) {
      const mercy = drawMercy(chance)
      const left = new Map(durable)
      // names are kept in their order, up to some instant
      const kept = mercy === 'none' ? 0 : mercy === 'all' ? 1 : chance()
      for (const { path, content } of namings.slice(0, Math.round(kept * namings.length)))
        set(left, path, content)
      const files = [...left].map(([path, content]) => [path, content.survivor(mercy, chance)] as const)
      return { mercy, files: new Map(files) }
    },
  }
}

function set(names: Map<string, Content>, path: string, content: Content | undefined): void {
  if (content === undefined) names.delete(path)
  else names.set(path, content)
}

function drawMercy(chance: Chance): Mercy {
  const drawn = chance()
  if (drawn < 0.3) return 'none'
  if (drawn < 0.5) return 'first'
  return drawn < 0.7 ? 'some' : drawn < 0.95 ? 'torn' : 'all'
}
