/*
 * A file system like the kernel's /sys/class/gpio, as far as programs can tell (Documentation/admin-guide/gpio/sysfs.rst):
 * chips with base, ngpio and label; export, unexport; of each exported line value, direction, edge and active_low; an
 * edge makes a poll on `value` return POLLPRI until it is read. There are no resistors: a line is what it was driven to.
 *
 *   gpio-sysfs BASE LINES LABEL FOLDER     mounts there, and stays in the foreground
 *
 * Below the kernel's base is a second chip, as the Pi has others beside its header's: its lines cannot be exported.
 * A test drives it through the file `sim`. Lines count from 0, levels are those of the pin:
 *   level N 0|1    drives an input            busy N 0|1    another driver has it: export fails with EBUSY
 *   short N 0|1    an output reads low        fixed N 0|1   its direction cannot be changed
 *   denied 0 0|1   EACCES, as for a user who is not in the group
 *   gone 0 0|1     the chip vanishes without a word, or comes back; `gone 1 1`: whoever polls is woken
 * Read, it lists the exported lines: N DIRECTION LEVEL EDGE ACTIVE_LOW UNREAD, the last 1 until an edge has been read.
 */
#define FUSE_USE_VERSION 35
#include <errno.h>
#include <fuse.h>
#include <fuse_lowlevel.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LINES 64
#define MAX_POLLS 16
#define OTHER_LINES 32

enum file { EXPORT, UNEXPORT, SIM, BASE, NGPIO, LABEL, VALUE, DIRECTION, EDGE, ACTIVE_LOW, FOLDER };
static const char *const names[] = {"export", "unexport",  "sim",  "base",      "ngpio",
                                    "label",  "value",     "direction", "edge", "active_low"};
static const char *const edges[] = {"none", "rising", "falling", "both"};

struct line {
  int exported, out, pin, active_low, edge, busy, shorted, fixed;
  /* Counts edges, and the exports: a file opened before the last unexport is dead. */
  unsigned happened, read, life;
  struct fuse_pollhandle *polls[MAX_POLLS];
};
/* An open file, or the place that a path names. */
struct place {
  enum file file;
  int line, other;
  unsigned seen, life;
};

static struct line lines[MAX_LINES];
static int base, count, denied, gone;
static const char *label;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int file_named(const char *name, int from, int to) {
  for (int file = from; file <= to; file++)
    if (strcmp(name, names[file]) == 0) return file;
  return -1;
}

static int find(const char *path, struct place *place) {
  int number, length = 0, file = -1;
  memset(place, 0, sizeof *place);
  place->line = -1;
  if (strcmp(path, "/") == 0) {
    place->file = FOLDER;
    return 0;
  }
  if (sscanf(path, "/gpiochip%d%n", &number, &length) == 1 && length > 0) {
    place->other = number != base;
    if (place->other ? number != base - OTHER_LINES : gone) return -ENOENT;
    file = path[length] == 0 ? FOLDER : path[length] == '/' ? file_named(path + length + 1, BASE, LABEL) : -1;
  } else if (sscanf(path, "/gpio%d%n", &number, &length) == 1 && length > 0) {
    place->line = number - base;
    if (place->line < 0 || place->line >= count || !lines[place->line].exported) return -ENOENT;
    place->life = lines[place->line].life;
    file = path[length] == 0 ? FOLDER
                             : path[length] == '/' ? file_named(path + length + 1, VALUE, ACTIVE_LOW) : -1;
  } else {
    file = file_named(path + 1, EXPORT, SIM);
  }
  place->file = file;
  return file < 0 ? -ENOENT : 0;
}

static int pin_of(const struct line *line) { return line->out && line->shorted ? 0 : line->pin; }

/* Takes the handles of all who wait; they are told outside of the lock. */
static void take_polls(struct line *line, struct fuse_pollhandle **woken) {
  memcpy(woken, line->polls, sizeof line->polls);
  memset(line->polls, 0, sizeof line->polls);
}

static void wake(struct fuse_pollhandle **woken) {
  for (int n = 0; n < MAX_POLLS; n++)
    if (woken[n]) {
      fuse_notify_poll(woken[n]);
      fuse_pollhandle_destroy(woken[n]);
      woken[n] = NULL;
    }
}

static void set_pin(struct line *line, int pin, struct fuse_pollhandle **woken) {
  if (line->pin == pin) return;
  line->pin = pin;
  int level = pin ^ line->active_low;
  if (!line->exported || line->out || !(line->edge & (level ? 1 : 2))) return;
  line->happened++;
  take_polls(line, woken);
}

static void unexport(struct line *line) {
  line->exported = 0;
  line->life++;
}

static int command(const char *text, struct fuse_pollhandle **woken) {
  char what[16];
  int number, on;
  if (sscanf(text, "%15s %d %d", what, &number, &on) != 3 || number < 0 || number >= count) return -EINVAL;
  struct line *line = &lines[number];
  if (strcmp(what, "level") == 0) set_pin(line, on, woken);
  else if (strcmp(what, "busy") == 0) line->busy = on;
  else if (strcmp(what, "short") == 0) line->shorted = on;
  else if (strcmp(what, "fixed") == 0) line->fixed = on;
  else if (strcmp(what, "denied") == 0) denied = on;
  else if (strcmp(what, "gone") == 0) {
    gone = on;
    for (int n = 0; n < count; n++) {
      if (!gone || !lines[n].exported) continue;
      unexport(&lines[n]);
      if (number == 1) {
        take_polls(&lines[n], woken);
        wake(woken);
      }
    }
  } else return -EINVAL;
  return 0;
}

static int set_direction(struct line *line, const char *text) {
  if (line->fixed) return -EPERM;
  if (strcmp(text, "in") == 0) line->out = 0;
  else if (strcmp(text, "high") == 0) line->out = line->pin = 1;
  else if (strcmp(text, "out") == 0 || strcmp(text, "low") == 0) line->out = 1, line->pin = 0;
  else return -EINVAL;
  return 0;
}

static int put(struct place *place, const char *text, struct fuse_pollhandle **woken) {
  struct line *line = place->line < 0 ? NULL : &lines[place->line];
  int number = atoi(text) - base;
  switch (place->file) {
  case SIM: return command(text, woken);
  case EXPORT:
    if (gone || number < 0 || number >= count) return -EINVAL;
    if (lines[number].busy || lines[number].exported) return -EBUSY;
    lines[number].exported = 1;
    lines[number].edge = lines[number].active_low = 0;
    return 0;
  case UNEXPORT:
    if (number < 0 || number >= count || !lines[number].exported) return -EINVAL;
    unexport(&lines[number]);
    return 0;
  case VALUE:
    if (!line->out) return -EPERM;
    line->pin = (atoi(text) != 0) ^ line->active_low;
    return 0;
  case DIRECTION: return set_direction(line, text);
  case ACTIVE_LOW: line->active_low = atoi(text) != 0; return 0;
  case EDGE:
    for (int n = 0; n < 4; n++)
      if (strcmp(text, edges[n]) == 0) {
        if (line->out && n > 0) return -EIO;
        line->edge = n;
        return 0;
      }
    return -EINVAL;
  default: return -EACCES;
  }
}

static void show(struct place *place, char *text, size_t size) {
  struct line *line = place->line < 0 ? NULL : &lines[place->line];
  size_t end = 0;
  switch (place->file) {
  case BASE: snprintf(text, size, "%d\n", place->other ? base - OTHER_LINES : base); break;
  case NGPIO: snprintf(text, size, "%d\n", place->other ? OTHER_LINES : count); break;
  case LABEL: snprintf(text, size, "%s\n", place->other ? "other-chip" : label); break;
  case VALUE:
    snprintf(text, size, "%d\n", pin_of(line) ^ line->active_low);
    place->seen = line->read = line->happened;
    break;
  case DIRECTION: snprintf(text, size, "%s\n", line->out ? "out" : "in"); break;
  case EDGE: snprintf(text, size, "%s\n", edges[line->edge]); break;
  case ACTIVE_LOW: snprintf(text, size, "%d\n", line->active_low); break;
  case SIM:
    for (int n = 0; n < count; n++)
      if (lines[n].exported)
        end += snprintf(text + end, size - end, "%d %s %d %s %d %d\n", n, lines[n].out ? "out" : "in",
                        lines[n].pin, edges[lines[n].edge], lines[n].active_low,
                        lines[n].read != lines[n].happened);
    break;
  default: break;
  }
}

static int dead(const struct place *place) {
  return place->line >= 0 && lines[place->line].life != place->life;
}

static int do_getattr(const char *path, struct stat *found, struct fuse_file_info *file) {
  (void)file;
  struct place place;
  pthread_mutex_lock(&lock);
  int error = find(path, &place);
  pthread_mutex_unlock(&lock);
  if (error) return error;
  memset(found, 0, sizeof *found);
  int mode = place.file == EXPORT || place.file == UNEXPORT ? 0200 : place.file <= LABEL && place.file >= BASE ? 0444 : 0644;
  found->st_mode = place.file == FOLDER ? S_IFDIR | 0755 : S_IFREG | mode;
  found->st_nlink = 1;
  found->st_size = place.file == FOLDER ? 0 : 4096;
  return 0;
}

static int do_access(const char *path, int mask) {
  struct place place;
  int error = find(path, &place);
  return error ? error : denied && (mask & 2) && place.file != SIM ? -EACCES : 0;
}

static int do_readdir(const char *path, void *into, fuse_fill_dir_t fill, off_t from, struct fuse_file_info *file,
                      enum fuse_readdir_flags flags) {
  (void)from, (void)file, (void)flags;
  struct place place;
  char name[32];
  if (find(path, &place) || place.file != FOLDER) return -ENOENT;
  int root = strcmp(path, "/") == 0;
  int first = root ? EXPORT : place.line < 0 ? BASE : VALUE, last = root ? SIM : place.line < 0 ? LABEL : ACTIVE_LOW;
  for (int n = first; n <= last; n++) fill(into, names[n], NULL, 0, 0);
  if (!root) return 0;
  for (int other = gone; other <= 1; other++) {
    snprintf(name, sizeof name, "gpiochip%d", other ? base - OTHER_LINES : base);
    fill(into, name, NULL, 0, 0);
  }
  for (int n = 0; n < count; n++)
    if (lines[n].exported) {
      snprintf(name, sizeof name, "gpio%d", base + n);
      fill(into, name, NULL, 0, 0);
    }
  return 0;
}

static int do_open(const char *path, struct fuse_file_info *file) {
  struct place place;
  pthread_mutex_lock(&lock);
  int error = find(path, &place);
  if (!error && denied && place.file != SIM && (file->flags & O_ACCMODE) != O_RDONLY) error = -EACCES;
  if (!error && place.line >= 0) place.seen = lines[place.line].happened - 1;
  pthread_mutex_unlock(&lock);
  if (error) return error;
  struct place *opened = malloc(sizeof place);
  *opened = place;
  file->fh = (uint64_t)opened;
  file->direct_io = 1;
  return 0;
}

static int do_release(const char *path, struct fuse_file_info *file) {
  (void)path;
  free((void *)file->fh);
  return 0;
}

static int do_truncate(const char *path, off_t size, struct fuse_file_info *file) {
  (void)path, (void)size, (void)file;
  return 0;
}

static int do_read(const char *path, char *into, size_t size, off_t from, struct fuse_file_info *file) {
  (void)path;
  struct place *place = (struct place *)file->fh;
  char text[4096] = "";
  pthread_mutex_lock(&lock);
  int is_dead = dead(place);
  if (!is_dead) show(place, text, sizeof text);
  pthread_mutex_unlock(&lock);
  if (is_dead) return -ENODEV;
  size_t length = strlen(text);
  if ((size_t)from >= length) return 0;
  if (size > length - from) size = length - from;
  memcpy(into, text + from, size);
  return (int)size;
}

static int do_write(const char *path, const char *from, size_t size, off_t at, struct fuse_file_info *file) {
  (void)path, (void)at;
  struct place *place = (struct place *)file->fh;
  struct fuse_pollhandle *woken[MAX_POLLS] = {0};
  char text[64];
  snprintf(text, sizeof text, "%.*s", (int)size, from);
  text[strcspn(text, "\n")] = 0;
  pthread_mutex_lock(&lock);
  int error = dead(place) ? -ENODEV : put(place, text, woken);
  pthread_mutex_unlock(&lock);
  wake(woken);
  return error ? error : (int)size;
}

static int do_poll(const char *path, struct fuse_file_info *file, struct fuse_pollhandle *handle, unsigned *ready) {
  (void)path;
  struct place *place = (struct place *)file->fh;
  struct fuse_pollhandle *unwanted = handle;
  *ready = POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
  pthread_mutex_lock(&lock);
  if (place->file == VALUE) {
    struct line *line = &lines[place->line];
    for (int n = 0; handle && n < MAX_POLLS; n++)
      if (!line->polls[n]) {
        line->polls[n] = handle;
        unwanted = NULL;
        break;
      }
    if (dead(place) || place->seen != line->happened) *ready |= POLLPRI | POLLERR;
  }
  pthread_mutex_unlock(&lock);
  if (unwanted) fuse_pollhandle_destroy(unwanted);
  return 0;
}

static void *do_init(struct fuse_conn_info *connection, struct fuse_config *config) {
  (void)connection;
  /* What exists changes behind the kernel's back. */
  config->entry_timeout = config->attr_timeout = config->negative_timeout = 0;
  return NULL;
}

static const struct fuse_operations operations = {
    .init = do_init,       .getattr = do_getattr, .access = do_access, .readdir = do_readdir,
    .open = do_open,       .release = do_release, .truncate = do_truncate, .read = do_read,
    .write = do_write,     .poll = do_poll,
};

int main(int argc, char **argv) {
  if (argc != 5) return 64;
  base = atoi(argv[1]);
  count = atoi(argv[2]);
  label = argv[3];
  if (count < 1 || count > MAX_LINES || base < OTHER_LINES) return 64;
  char *arguments[] = {argv[0], "-f", "-o", "max_threads=4,max_idle_threads=4", argv[4], NULL};
  return fuse_main(5, arguments, &operations, NULL);
}
