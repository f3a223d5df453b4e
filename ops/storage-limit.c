// The storage limit that Cairn is compared with: appends the bytes of real records to SQLite and does nothing else.
//
//   storage-limit RECORDS DATABASE COUNT
//
// RECORDS holds u32 little-endian length and bytes, record after record; they are read into memory first and repeated
// until COUNT rows are written. WAL, synchronous=FULL, 1000 rows a transaction, one row a record, INTEGER PRIMARY KEY,
// no index, default page size. Prints records a second, wall time, from the first row to the last commit.
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void fail(const char *what, const char *why) {
  fprintf(stderr, "storage-limit: %s: %s\n", what, why);
  exit(1);
}

static void run(sqlite3 *db, const char *sql) {
  char *message = NULL;
  if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK) fail(sql, message);
}

// Reads a whole file; its size goes to `size`.
static unsigned char *contents(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  if (!file || fseek(file, 0, SEEK_END) != 0) fail(path, "cannot be read");
  long end = ftell(file);
  unsigned char *bytes = end > 0 ? malloc((size_t)end) : NULL;
  rewind(file);
  if (!bytes || fread(bytes, 1, (size_t)end, file) != (size_t)end) fail(path, "cannot be read");
  fclose(file);
  *size = (size_t)end;
  return bytes;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void append(sqlite3 *db, const unsigned char *bytes, size_t size, long count) {
  sqlite3_stmt *insert;
  if (sqlite3_prepare_v2(db, "INSERT INTO record (bytes) VALUES (?)", -1, &insert, NULL) != SQLITE_OK)
    fail("prepare", sqlite3_errmsg(db));
  size_t offset = 0;
  for (long row = 0; row < count; row++) {
    if (offset + 4 > size) offset = 0;
    uint32_t length;
    memcpy(&length, bytes + offset, 4);
    if (length > size - offset - 4) fail("RECORDS", "is cut off");
    if (row % 1000 == 0) run(db, "BEGIN IMMEDIATE");
    sqlite3_bind_blob(insert, 1, bytes + offset + 4, (int)length, SQLITE_STATIC);
    if (sqlite3_step(insert) != SQLITE_DONE) fail("insert", sqlite3_errmsg(db));
    sqlite3_reset(insert);
    if (row % 1000 == 999 || row + 1 == count) run(db, "COMMIT");
    offset += 4 + length;
  }
  sqlite3_finalize(insert);
}

int main(int argc, char **argv) {
  if (argc != 4) fail("usage", "storage-limit RECORDS DATABASE COUNT");
  size_t size;
  unsigned char *bytes = contents(argv[1], &size);
  long count = strtol(argv[3], NULL, 10);
  sqlite3 *db;
  if (sqlite3_open(argv[2], &db) != SQLITE_OK) fail(argv[2], sqlite3_errmsg(db));
  run(db, "PRAGMA journal_mode=WAL");
  run(db, "PRAGMA synchronous=FULL");
  run(db, "CREATE TABLE record (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL)");
  double start = now();
  append(db, bytes, size, count);
  printf("%.0f\n", (double)count / (now() - start));
  sqlite3_close(db);
  free(bytes);
  return 0;
}
