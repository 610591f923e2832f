/*
 * Preloaded into a job (LD_PRELOAD), records all that it does to the files below the folder POWER_ROOT, and to it, in the order in which it
 * took effect, into the file POWER_LOG: from it a disk can be rebuilt as a power cut at any instant would leave it.
 * What is written to the file POWER_TOLD counts as told at once: syncing it would only slow the job down.
 *
 * A record is a header and then its bytes: operation, process, handle, length (u32 each), offset (i64).
 * Handles are of one process; the first record of a handle is its opening, whose bytes are the path.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { OPENED = 1, CREATED, EMPTIED, WRITTEN, CUT, SYNC_BEGUN, SYNC_ENDED, REMOVED, RENAMED };

struct header {
  uint32_t operation, process, handle, length;
  int64_t offset;
};

#define FILES 65536
static uint32_t handles[FILES];
static uint32_t last_handle;
static const char *root, *told;
static char is_told[FILES];
static size_t root_length;
static int log_file = -1;
static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("POWER_LOG");
  root = getenv("POWER_ROOT");
  told = getenv("POWER_TOLD");
  if (path == NULL || root == NULL) return;
  root_length = strlen(root);
  int made = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  log_file = syscall(SYS_fcntl, made, F_DUPFD_CLOEXEC, 900);
  syscall(SYS_close, made);
}

static void record(uint32_t operation, uint32_t handle, int64_t offset, const void *bytes, size_t length) {
  struct header header = {operation, (uint32_t)getpid(), handle, (uint32_t)length, offset};
  struct iovec parts[2] = {{&header, sizeof header}, {(void *)bytes, length}};
  ssize_t done = syscall(SYS_writev, log_file, parts, length > 0 ? 2 : 1);
  /* a hole in the log would prove anything */
  if (done != (ssize_t)(sizeof header + length)) abort();
}

#define REAL(type, name, ...)                                   \
  static type (*real)(__VA_ARGS__);                             \
  if (real == NULL) real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

static uint32_t handle_of(int file) {
  return log_file >= 0 && file >= 0 && file < FILES ? handles[file] : 0;
}

/* What lies in shared memory is made anew by whoever opens the store first. */
static int is_ours(const char *path) {
  if (log_file < 0 || strncmp(path, root, root_length) != 0) return 0;
  if (path[root_length] != '/' && path[root_length] != 0) return 0;
  size_t length = strlen(path);
  return length < 4 || strcmp(path + length - 4, "-shm") != 0;
}

static int opened(int file, const char *path, int flags, int existed) {
  if (file < 0 || file >= FILES) return file;
  uint32_t operation = !existed ? CREATED : flags & O_TRUNC ? EMPTIED : OPENED;
  handles[file] = ++last_handle;
  is_told[file] = told != NULL && strcmp(path, told) == 0;
  record(operation, handles[file], 0, path, strlen(path));
  return file;
}

static int open_recorded(int directory, const char *path, int flags, mode_t mode) {
  if (!is_ours(path)) return syscall(SYS_openat, directory, path, flags, mode);
  pthread_mutex_lock(&order);
  int existed = syscall(SYS_access, path, F_OK) == 0;
  int file = syscall(SYS_openat, directory, path, flags, mode);
  int error = errno;
  opened(file, path, flags, existed);
  pthread_mutex_unlock(&order);
  errno = error;
  return file;
}

#define MODE(flags, last)                                       \
  mode_t mode = 0;                                              \
  if ((flags) & (O_CREAT | O_TMPFILE)) {                        \
    va_list rest;                                               \
    va_start(rest, last);                                       \
    mode = va_arg(rest, mode_t);                                \
    va_end(rest);                                               \
  }

int open(const char *path, int flags, ...) {
  MODE(flags, flags)
  return open_recorded(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...) {
  MODE(flags, flags)
  return open_recorded(AT_FDCWD, path, flags | O_LARGEFILE, mode);
}

int openat(int directory, const char *path, int flags, ...) {
  MODE(flags, flags)
  return open_recorded(directory, path, flags, mode);
}

int close(int file) {
  if (handle_of(file) != 0) handles[file] = 0;
  return syscall(SYS_close, file);
}

static void written(int file, uint32_t handle, const void *bytes, ssize_t length, int64_t offset) {
  if (length <= 0) return;
  if (offset < 0) offset = syscall(SYS_lseek, file, 0, SEEK_CUR) - length;
  record(WRITTEN, handle, offset, bytes, (size_t)length);
}

static ssize_t write_recorded(int file, const void *bytes, size_t length, int64_t offset) {
  uint32_t handle = handle_of(file);
  if (handle != 0) pthread_mutex_lock(&order);
  ssize_t done = offset < 0 ? syscall(SYS_write, file, bytes, length)
                            : syscall(SYS_pwrite64, file, bytes, length, offset);
  int error = errno;
  if (handle != 0) {
    written(file, handle, bytes, done, offset);
    pthread_mutex_unlock(&order);
  }
  errno = error;
  return done;
}

ssize_t write(int file, const void *bytes, size_t length) { return write_recorded(file, bytes, length, -1); }

ssize_t pwrite64(int file, const void *bytes, size_t length, off64_t offset) {
  return write_recorded(file, bytes, length, offset);
}

ssize_t pwrite(int file, const void *bytes, size_t length, off_t offset) {
  return write_recorded(file, bytes, length, offset);
}

ssize_t writev(int file, const struct iovec *parts, int count) {
  if (handle_of(file) == 0) return syscall(SYS_writev, file, parts, count);
  ssize_t all = 0;
  for (int part = 0; part < count; part++) {
    ssize_t done = write_recorded(file, parts[part].iov_base, parts[part].iov_len, -1);
    if (done < 0) return all > 0 ? all : done;
    all += done;
    if ((size_t)done < parts[part].iov_len) break;
  }
  return all;
}

static int cut(int file, int64_t size) {
  uint32_t handle = handle_of(file);
  if (handle == 0) return syscall(SYS_ftruncate, file, size);
  pthread_mutex_lock(&order);
  int done = syscall(SYS_ftruncate, file, size);
  int error = errno;
  if (done == 0) record(CUT, handle, size, NULL, 0);
  pthread_mutex_unlock(&order);
  errno = error;
  return done;
}

int ftruncate(int file, off_t size) { return cut(file, size); }
int ftruncate64(int file, off64_t size) { return cut(file, size); }

/* Only what was written before it began is sure to be on the disk once it has ended. */
static int sync_recorded(int file, long number) {
  uint32_t handle = handle_of(file);
  if (handle == 0) return syscall(number, file);
  if (is_told[file]) return 0;
  pthread_mutex_lock(&order);
  record(SYNC_BEGUN, handle, 0, NULL, 0);
  pthread_mutex_unlock(&order);
  int done = syscall(number, file);
  int error = errno;
  pthread_mutex_lock(&order);
  if (done == 0) record(SYNC_ENDED, handle, 0, NULL, 0);
  pthread_mutex_unlock(&order);
  errno = error;
  return done;
}

int fsync(int file) { return sync_recorded(file, SYS_fsync); }
int fdatasync(int file) { return sync_recorded(file, SYS_fdatasync); }

static int removed(const char *path) {
  REAL(int, unlink, const char *);
  if (!is_ours(path)) return real(path);
  pthread_mutex_lock(&order);
  int done = real(path);
  int error = errno;
  if (done == 0) record(REMOVED, 0, 0, path, strlen(path));
  pthread_mutex_unlock(&order);
  errno = error;
  return done;
}

int unlink(const char *path) { return removed(path); }

int rename(const char *from, const char *to) {
  REAL(int, rename, const char *, const char *);
  if (!is_ours(from) && !is_ours(to)) return real(from, to);
  pthread_mutex_lock(&order);
  int done = real(from, to);
  int error = errno;
  if (done == 0) {
    size_t first = strlen(from) + 1, second = strlen(to);
    char both[first + second];
    memcpy(both, from, first);
    memcpy(both + first, to, second);
    record(RENAMED, 0, 0, both, sizeof both);
  }
  pthread_mutex_unlock(&order);
  errno = error;
  return done;
}
