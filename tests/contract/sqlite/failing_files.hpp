#pragma once

#include <atomic>
#include <cstddef>
#include <cstring>
#include <string>

#include <sqlite3.h>

namespace troupe::contract {

/// A SQLite VFS in front of the system's that fails on command, as a disk does. While one lives it is the default one.
class failing_files {
public:
  failing_files() : base_(sqlite3_vfs_find(nullptr)), vfs_(*base_) {
    current = this;
    vfs_.zName = "troupe-failing";
    vfs_.szOsFile = static_cast<int>(sizeof(file)) + base_->szOsFile;
    vfs_.xOpen = open;
    sqlite3_vfs_register(&vfs_, 1);
  }
  failing_files(const failing_files&) = delete;
  failing_files& operator=(const failing_files&) = delete;
  ~failing_files() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(base_, 1);
    current = nullptr;
  }

  std::atomic<int> syncs_to_fail = 0;  ///< how many of the next syncs fail
  std::atomic<bool> disk_full = false; ///< whether every write fails
  std::atomic<int> syncs = 0;          ///< how many succeeded

private:
  struct file {
    sqlite3_file head; // what SQLite sees
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  };

  static file* of(sqlite3_file* raw) { return reinterpret_cast<file*>(raw); }
  static const sqlite3_io_methods* methods(sqlite3_file* raw) { return of(raw)->real()->pMethods; }

  static int open(sqlite3_vfs* /*vfs*/, const char* name, sqlite3_file* raw, int flags, int* out) {
    auto* mine = of(raw);
    std::memset(mine, 0, sizeof(file));
    const int code = current->base_->xOpen(current->base_, name, mine->real(), flags, out);
    mine->head.pMethods = mine->real()->pMethods == nullptr ? nullptr : &table;
    return code;
  }
  static int close(sqlite3_file* raw) { return methods(raw)->xClose(of(raw)->real()); }
  static int read(sqlite3_file* raw, void* to, int size, sqlite3_int64 at) {
    return methods(raw)->xRead(of(raw)->real(), to, size, at);
  }
  static int write(sqlite3_file* raw, const void* from, int size, sqlite3_int64 at) {
    return current->disk_full ? SQLITE_FULL : methods(raw)->xWrite(of(raw)->real(), from, size, at);
  }
  static int truncate(sqlite3_file* raw, sqlite3_int64 size) { return methods(raw)->xTruncate(of(raw)->real(), size); }
  static int sync(sqlite3_file* raw, int flags) {
    if (current->syncs_to_fail > 0) {
      --current->syncs_to_fail;
      return SQLITE_IOERR_FSYNC;
    }
    ++current->syncs;
    return methods(raw)->xSync(of(raw)->real(), flags);
  }
  static int size(sqlite3_file* raw, sqlite3_int64* to) { return methods(raw)->xFileSize(of(raw)->real(), to); }
  static int lock(sqlite3_file* raw, int how) { return methods(raw)->xLock(of(raw)->real(), how); }
  static int unlock(sqlite3_file* raw, int how) { return methods(raw)->xUnlock(of(raw)->real(), how); }
  static int reserved(sqlite3_file* raw, int* to) { return methods(raw)->xCheckReservedLock(of(raw)->real(), to); }
  static int control(sqlite3_file* raw, int operation, void* with) {
    return methods(raw)->xFileControl(of(raw)->real(), operation, with);
  }
  static int sector(sqlite3_file* raw) { return methods(raw)->xSectorSize(of(raw)->real()); }
  static int traits(sqlite3_file* raw) { return methods(raw)->xDeviceCharacteristics(of(raw)->real()); }
  static int map(sqlite3_file* raw, int page, int size, int extend, void volatile** to) {
    return methods(raw)->xShmMap(of(raw)->real(), page, size, extend, to);
  }
  static int shm_lock(sqlite3_file* raw, int offset, int count, int flags) {
    return methods(raw)->xShmLock(of(raw)->real(), offset, count, flags);
  }
  static void barrier(sqlite3_file* raw) { methods(raw)->xShmBarrier(of(raw)->real()); }
  static int unmap(sqlite3_file* raw, int remove) { return methods(raw)->xShmUnmap(of(raw)->real(), remove); }

  static inline failing_files* current = nullptr;
  static inline const sqlite3_io_methods table{2,        close,   read,     write,   truncate, sync,   size,
                                               lock,     unlock,  reserved, control, sector,   traits, map,
                                               shm_lock, barrier, unmap,    nullptr, nullptr};

  sqlite3_vfs* base_;
  sqlite3_vfs vfs_;
};

} // namespace troupe::contract
