/* A file system without locks: everything is passed on to a folder, but flock is refused as NFS without its daemon
   refuses it. Usage: no_locks FOLDER MOUNTPOINT, in the foreground until it is unmounted. */
#define _GNU_SOURCE
#define FUSE_USE_VERSION 31
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse3/fuse.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int root;
#define AT(path) root, (path)[1] ? (path) + 1 : "."
#define SAID(call) ((call) == -1 ? -errno : 0)

static int no_getattr(const char *path, struct stat *found, struct fuse_file_info *file) {
    (void)file;
    return SAID(fstatat(AT(path), found, AT_SYMLINK_NOFOLLOW));
}
static int no_readdir(const char *path, void *all, fuse_fill_dir_t fill, off_t begin, struct fuse_file_info *file,
                      enum fuse_readdir_flags flags) {
    (void)begin, (void)file, (void)flags;
    int folder = openat(AT(path), O_RDONLY | O_DIRECTORY);
    if (folder == -1) return -errno;
    DIR *entries = fdopendir(folder);
    for (struct dirent *entry; (entry = readdir(entries));) fill(all, entry->d_name, NULL, 0, 0);
    closedir(entries);
    return 0;
}
static int no_create(const char *path, mode_t mode, struct fuse_file_info *file) {
    int found = openat(AT(path), file->flags | O_CREAT, mode);
    if (found == -1) return -errno;
    file->fh = found;
    return 0;
}
static int no_open(const char *path, struct fuse_file_info *file) {
    int found = openat(AT(path), file->flags & ~O_CREAT);
    if (found == -1) return -errno;
    file->fh = found;
    return 0;
}
static int no_read(const char *path, char *to, size_t size, off_t at, struct fuse_file_info *file) {
    (void)path;
    ssize_t count = pread(file->fh, to, size, at);
    return count == -1 ? -errno : (int)count;
}
static int no_write(const char *path, const char *from, size_t size, off_t at, struct fuse_file_info *file) {
    (void)path;
    ssize_t count = pwrite(file->fh, from, size, at);
    return count == -1 ? -errno : (int)count;
}
static int no_release(const char *path, struct fuse_file_info *file) {
    (void)path;
    return SAID(close(file->fh));
}
static int no_fsync(const char *path, int data, struct fuse_file_info *file) {
    (void)path, (void)data;
    return SAID(fsync(file->fh));
}
static int no_truncate(const char *path, off_t size, struct fuse_file_info *file) {
    if (file) return SAID(ftruncate(file->fh, size));
    int found = openat(AT(path), O_WRONLY);
    if (found == -1) return -errno;
    int said = SAID(ftruncate(found, size));
    close(found);
    return said;
}
static int no_utimens(const char *path, const struct timespec times[2], struct fuse_file_info *file) {
    (void)file;
    return SAID(utimensat(AT(path), times, AT_SYMLINK_NOFOLLOW));
}
static int no_mkdir(const char *path, mode_t mode) { return SAID(mkdirat(AT(path), mode)); }
static int no_unlink(const char *path) { return SAID(unlinkat(AT(path), 0)); }
static int no_rmdir(const char *path) { return SAID(unlinkat(AT(path), AT_REMOVEDIR)); }
static int no_rename(const char *from, const char *to, unsigned flags) {
    return flags ? -EINVAL : SAID(renameat(root, from + 1, root, to + 1));
}
static int no_flock(const char *path, struct fuse_file_info *file, int how) {
    (void)path, (void)file, (void)how;
    return -ENOLCK;
}

static const struct fuse_operations operations = {
    .getattr = no_getattr, .readdir = no_readdir, .create = no_create, .open = no_open, .read = no_read,
    .write = no_write, .release = no_release, .fsync = no_fsync, .truncate = no_truncate, .utimens = no_utimens,
    .mkdir = no_mkdir, .unlink = no_unlink, .rmdir = no_rmdir, .rename = no_rename, .flock = no_flock,
};

int main(int count, char **words) {
    if (count != 3 || (root = open(words[1], O_RDONLY | O_DIRECTORY)) == -1) return 2;
    char *given[] = {words[0], "-f", words[2], NULL};
    return fuse_main(3, given, &operations, NULL);
}
