// Names the actors of a guest's system by where they are under its root, the same before and after a restore.

import type { AnyActorRef } from 'xstate'

/** The root's path. */
export const rootPath = ''

/** Where the actor is: the keys of its ancestors' children, joined. */
export function pathOf(actor: AnyActorRef): string {
  const parent = actor._parent
  if (parent === undefined) return rootPath
  return under(pathOf(parent), keyOf(childrenOf(parent), actor))
}

/** Every actor that can be reached from the root, with its path; what cannot be reached is not in a snapshot. */
export function pathsOf(root: AnyActorRef): ReadonlyMap<AnyActorRef, string> {
  const paths = new Map([[root, rootPath]])
  // grows while it is read
  for (const [actor, path] of paths)
    for (const [key, child] of Object.entries(childrenOf(actor))) paths.set(child, under(path, key))
  return paths
}

/** By what names the actor and its ancestors are known to their machines: `payment/charge`. */
export function sourceOf(actor: AnyActorRef): string {
  const parent = actor._parent
  const name = typeof actor.src === 'string' ? actor.src : actor.id
  return parent?._parent === undefined ? name : `${sourceOf(parent)}/${name}`
}

function childrenOf(actor: AnyActorRef): Readonly<Record<string, AnyActorRef>> {
  const { children = {} } = actor.getSnapshot() as { readonly children?: Record<string, AnyActorRef> }
  return children
}

// an actor that was spawned without an id is kept under another name than its own
function keyOf(children: Readonly<Record<string, AnyActorRef>>, actor: AnyActorRef): string {
  if (children[actor.id] === actor) return actor.id
  return Object.keys(children).find((key) => children[key] === actor) ?? actor.id
}

function under(path: string, key: string): string {
  const name = key.replaceAll('~', '~0').replaceAll('/', '~1')
  return path === rootPath ? name : `${path}/${name}`
}
