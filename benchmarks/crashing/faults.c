/* Loaded before libc: counts what changes files, and at the n-th such call kills the process or
 * lets the disk be full.  So SQLite's, tantivy's, FAISS's and Python's own calls are all met. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { NONE, BEFORE, AFTER, TORN, FULL, FULL_ONCE };

static atomic_long calls;
static atomic_long at;
static atomic_int mode;
static atomic_int armed;
static int spared = -1;

/* From now on: `how` at the n-th call; `log` is a descriptor that is left alone. */
void fault_arm(long n, int how, int log) {
    spared = log;
    atomic_store(&calls, 0);
    atomic_store(&at, n);
    atomic_store(&mode, how);
    atomic_store(&armed, 1);
}

long fault_calls(void) { return atomic_load(&calls); }

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

static int is_file(int fd) {
    struct stat status;
    int kept = errno;
    int found = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
    errno = kept;
    return found;
}

/* What is to happen at this call; fd is -1 where it has none. */
static int fault(int fd) {
    if (!atomic_load(&armed)) return NONE;
    /* -1 where the call names a path; what is printed is left alone, too. */
    if (fd != -1 && (fd <= 2 || fd == spared || !is_file(fd))) return NONE;
    long now = atomic_fetch_add(&calls, 1) + 1;
    int how = atomic_load(&mode);
    if (how == FULL) return now >= atomic_load(&at) ? FULL : NONE;
    if (now != atomic_load(&at)) return NONE;
    if (how == BEFORE) die();
    return how;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define IS_FULL(how) ((how) == FULL || (how) == FULL_ONCE)
#define REFUSE do { errno = ENOSPC; return -1; } while (0)

/* Calls that need room. */
#define GROWS(type, name, fd, params, args, torn)                                       \
    type name params {                                                                  \
        static __typeof__(&name) real;                                                  \
        if (!real) real = REAL(name);                                                   \
        int how = fault(fd);                                                            \
        if (IS_FULL(how)) REFUSE;                                                       \
        if (how == TORN) { torn; die(); }                                               \
        type result = real args;                                                        \
        if (how == AFTER) die();                                                        \
        return result;                                                                  \
    }

/* Calls that need none. */
#define CHANGES(name, fd, params, args)                                                 \
    int name params {                                                                   \
        static __typeof__(&name) real;                                                  \
        if (!real) real = REAL(name);                                                   \
        int how = fault(fd);                                                            \
        if (how == TORN) die();                                                         \
        int result = real args;                                                         \
        if (how == AFTER) die();                                                        \
        return result;                                                                  \
    }

GROWS(ssize_t, write, fd, (int fd, const void *data, size_t n), (fd, data, n),
      real(fd, data, n / 2))
GROWS(ssize_t, pwrite, fd, (int fd, const void *data, size_t n, off_t place),
      (fd, data, n, place), real(fd, data, n / 2, place))
GROWS(ssize_t, pwrite64, fd, (int fd, const void *data, size_t n, off64_t place),
      (fd, data, n, place), real(fd, data, n / 2, place))
GROWS(ssize_t, writev, fd, (int fd, const struct iovec *data, int n), (fd, data, n),
      real(fd, data, n / 2))
GROWS(int, mkdir, -1, (const char *path, mode_t as), (path, as), )
CHANGES(fsync, fd, (int fd), (fd))
CHANGES(fdatasync, fd, (int fd), (fd))
CHANGES(ftruncate, fd, (int fd, off_t n), (fd, n))
CHANGES(ftruncate64, fd, (int fd, off64_t n), (fd, n))
CHANGES(rename, -1, (const char *from, const char *to), (from, to))
CHANGES(renameat, -1, (int a, const char *from, int b, const char *to), (a, from, b, to))
CHANGES(renameat2, -1, (int a, const char *from, int b, const char *to, unsigned flags),
        (a, from, b, to, flags))
CHANGES(unlink, -1, (const char *path), (path))
CHANGES(unlinkat, -1, (int fd, const char *path, int flags), (fd, path, flags))
CHANGES(rmdir, -1, (const char *path), (path))

#define MODE(flags, as)                                                                 \
    mode_t as = 0;                                                                      \
    if (flags & (O_CREAT | O_TMPFILE)) {                                                \
        va_list rest;                                                                   \
        va_start(rest, flags);                                                          \
        as = va_arg(rest, mode_t);                                                      \
        va_end(rest);                                                                   \
    }
#define OPENS(name, params, ...)                                                        \
    int name params {                                                                   \
        static __typeof__(&name) real;                                                  \
        if (!real) real = REAL(name);                                                   \
        MODE(flags, as)                                                                 \
        int how = flags & (O_CREAT | O_TRUNC) ? fault(-1) : NONE;                       \
        if (IS_FULL(how) && flags & O_CREAT) REFUSE;                                    \
        if (how == TORN) die();                                                         \
        int result = real(__VA_ARGS__, as);                                             \
        if (how == AFTER) die();                                                        \
        return result;                                                                  \
    }

OPENS(open, (const char *path, int flags, ...), path, flags)
OPENS(open64, (const char *path, int flags, ...), path, flags)
OPENS(openat, (int folder, const char *path, int flags, ...), folder, path, flags)
OPENS(openat64, (int folder, const char *path, int flags, ...), folder, path, flags)
