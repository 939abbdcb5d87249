/*
 * A disk that becomes read-only while its files are open, as the kernel makes it after an error of the card: no mount can
 * be made so with files open for writing. Loaded with LD_PRELOAD. While the file $READ_ONLY_WHILE is there, nothing
 * below $READ_ONLY_BELOW can be changed: EROFS.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static int read_only(void) {
  const char *flag = getenv("READ_ONLY_WHILE");
  return flag && syscall(SYS_faccessat, AT_FDCWD, flag, F_OK) == 0;
}

static int below(const char *path) {
  const char *folder = getenv("READ_ONLY_BELOW");
  return folder && path && strncmp(path, folder, strlen(folder)) == 0;
}

static int kept(const char *path) { return below(path) && read_only(); }

static int kept_fd(int fd) {
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return kept(path);
}

#define REFUSE(condition) \
  do { \
    if (condition) { \
      errno = EROFS; \
      return -1; \
    } \
  } while (0)
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define WRITES(flags) ((flags) & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC))

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    va_list more; \
    va_start(more, flags); \
    mode_t mode = va_arg(more, mode_t); \
    va_end(more); \
    REFUSE(WRITES(flags) && kept(path)); \
    return REAL(name)(path, flags, mode); \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name) \
  int name(int folder, const char *path, int flags, ...) { \
    va_list more; \
    va_start(more, flags); \
    mode_t mode = va_arg(more, mode_t); \
    va_end(more); \
    REFUSE(WRITES(flags) && kept(path)); \
    return REAL(name)(folder, path, flags, mode); \
  }
OPENAT(openat)
OPENAT(openat64)

ssize_t write(int fd, const void *bytes, size_t length) {
  REFUSE(kept_fd(fd));
  return REAL(write)(fd, bytes, length);
}
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) {
  REFUSE(kept_fd(fd));
  return REAL(pwrite)(fd, bytes, length, at);
}
ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) {
  REFUSE(kept_fd(fd));
  return REAL(pwrite64)(fd, bytes, length, at);
}
ssize_t writev(int fd, const struct iovec *parts, int count) {
  REFUSE(kept_fd(fd));
  return REAL(writev)(fd, parts, count);
}
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) {
  REFUSE(kept_fd(fd));
  return REAL(pwritev)(fd, parts, count, at);
}
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at) {
  REFUSE(kept_fd(fd));
  return REAL(pwritev64)(fd, parts, count, at);
}
int ftruncate(int fd, off_t length) {
  REFUSE(kept_fd(fd));
  return REAL(ftruncate)(fd, length);
}
int ftruncate64(int fd, off64_t length) {
  REFUSE(kept_fd(fd));
  return REAL(ftruncate64)(fd, length);
}
int rename(const char *from, const char *to) {
  REFUSE(kept(from) || kept(to));
  return REAL(rename)(from, to);
}
int unlink(const char *path) {
  REFUSE(kept(path));
  return REAL(unlink)(path);
}
int rmdir(const char *path) {
  REFUSE(kept(path));
  return REAL(rmdir)(path);
}
int mkdir(const char *path, mode_t mode) {
  REFUSE(kept(path));
  return REAL(mkdir)(path, mode);
}
