// Recognises network file systems on Linux: file locks on them do not hold between machines.

/** The magic numbers of statfs(2). */
const byMagic: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xfe534d42, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0x5346414f, 'AFS'],
  [0x73757245, 'Coda'],
])
const fuse = 0x65735546
/** Of the many file systems in user space only these go over a network. */
const remoteFuse = /^fuse\.(sshfs|rclone|s3fs|gcsfuse|goofys|mount-s3|davfs2?|curlftpfs|smbnetfs|glusterfs)$/

/**
 * The name of the network file system that `folder` lies on, or undefined where it is local.
 * `mounts` gives the text of /proc/self/mountinfo; it is read only for a file system in user space.
 */
export function networkFileSystem(folder: string, magic: number, mounts: () => string): string | undefined {
  // statfs gives a signed 32-bit number on some machines.
  const type = magic >>> 0
  if (type !== fuse) return byMagic.get(type)
  const kind = mountedAs(folder, mounts())
  return kind !== undefined && remoteFuse.test(kind) ? kind : undefined
}

/** The file system type of the mount that holds `folder`: the longest mount point above it, the last one mounted. */
function mountedAs(folder: string, mounts: string): string | undefined {
  let found: { readonly point: string; readonly kind: string } | undefined
  for (const line of mounts.split('\n')) {
    const [before = '', after = ''] = line.split(' - ')
    const point = unescape(before.split(' ')[4] ?? '')
    const holds = point !== '' && (point === '/' || folder === point || folder.startsWith(`${point}/`))
    if (holds && point.length >= (found?.point.length ?? 0))
      found = { point, kind: after.split(' ')[0] ?? '' }
  }
  return found?.kind
}

/** mountinfo writes a space, a tab, a newline and a backslash in octal. */
const unescape = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCodePoint(Number.parseInt(octal, 8)))
