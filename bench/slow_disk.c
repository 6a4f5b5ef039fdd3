/* A slow disk for any program: each fsync and fdatasync takes 4 ms more.
   cc -O2 -shared -fPIC slow_disk.c -o slow_disk.so -ldl && LD_PRELOAD=./slow_disk.so … */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

static const struct timespec MORE = {.tv_nsec = 4000000};

#define SLOW(name)                                   \
  int name(int descriptor) {                         \
    static int (*real)(int);                         \
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, #name); \
    nanosleep(&MORE, 0);                             \
    return real(descriptor);                         \
  }

SLOW(fsync)
SLOW(fdatasync)
