/* Reads a snapshot, written from FORMAT.md alone. Its value is an array of u64 that all hold the value's
 * version; or a slice of u64, which holds as many as the version modulo the capacity plus one.
 *
 * snapshot_reader NAME, then on standard input:
 *   schema    prints the schema
 *   read N    reads the last value N times; prints how many were torn, how many went back, and the last
 *             version
 */
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

static const uint8_t *map(const char *name, size_t *size)
{
    wchar_t wide[512];
    MultiByteToWideChar(CP_UTF8, 0, name, -1, wide, 512);
    HANDLE section = OpenFileMappingW(FILE_MAP_READ, FALSE, wide);
    if (!section) {
        printf("cannot open %s: %lu\n", name, GetLastError());
        exit(1);
    }
    const uint8_t *base = MapViewOfFile(section, FILE_MAP_READ, 0, 0, 0);
    MEMORY_BASIC_INFORMATION info;
    if (!base || !VirtualQuery(base, &info, sizeof info)) {
        printf("cannot map %s: %lu\n", name, GetLastError());
        exit(1);
    }
    *size = info.RegionSize;
    return base;
}

static uint32_t word(const uint8_t *base, size_t offset)
{
    return atomic_load_explicit((const _Atomic uint32_t *)(base + offset), memory_order_relaxed);
}

static uint64_t pair(const uint8_t *base, size_t offset)
{
    return word(base, offset) | (uint64_t)word(base, offset + 4) << 32;
}

static void demand(int holds, const char *what)
{
    if (!holds) {
        printf("not as FORMAT.md says: %s\n", what);
        exit(1);
    }
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    setvbuf(stdout, NULL, _IONBF, 0);

    size_t size;
    const uint8_t *directory = map(argv[1], &size);
    demand(size == 4096 && !memcmp(directory, "WSMd", 4) && word(directory, 4) == 1 &&
               word(directory, 8) == 1,
           "the directory's header");
    uint32_t sequence;
    uint64_t generation;
    do {
        sequence = word(directory, 16);
        atomic_thread_fence(memory_order_acquire);
        generation = pair(directory, 32);
        atomic_thread_fence(memory_order_acquire);
    } while (sequence % 2 || word(directory, 16) != sequence);

    char name[512];
    snprintf(name, sizeof name, "%s~%llx", argv[1], (unsigned long long)generation);
    const uint8_t *payload = map(name, &size);
    demand(!memcmp(payload, "WSMp", 4) && word(payload, 4) == 1 && word(payload, 8) == 1,
           "the payload's header");
    uint64_t slots = word(payload, 12), value_size = pair(payload, 24), align = word(payload, 32);
    uint64_t schema = word(payload, 36), schema_len = word(payload, 40);
    uint64_t capacity = word(payload, 44);
    uint64_t first = pair(payload, 48), stride = pair(payload, 56);
    uint64_t head = align > 128 ? align : 128;
    demand(slots && !(slots & (slots - 1)) && slots <= size, "the number of slots");
    demand(schema == 256 && schema_len <= size && schema + schema_len <= first, "the schema's place");
    if (capacity)
        value_size *= capacity;
    demand(value_size <= size && stride <= size && stride >= head + value_size, "the stride");
    demand(first <= size && slots * stride <= size - first, "the slots' place");

    uint64_t *value = malloc(value_size);
    uint64_t last = 0;
    char line[64];
    printf("ready\n");
    while (fgets(line, sizeof line, stdin)) {
        if (!strncmp(line, "schema", 6)) {
            printf("%.*s\n", (int)schema_len, (const char *)payload + schema);
            continue;
        }
        long reads = strtol(line + 5, NULL, 10), torn = 0, back = 0;
        while (reads > 0) {
            uint32_t latest = word(payload, 128);
            atomic_thread_fence(memory_order_acquire);
            const uint8_t *slot = payload + first + (latest % slots) * stride;
            uint32_t hi = word(slot, 4);
            atomic_thread_fence(memory_order_acquire);
            uint32_t lo = word(slot, 0);
            uint64_t version = ((uint64_t)hi << 32 | lo) / 2;
            if (lo % 2 || version == 0 || (uint32_t)version != latest)
                continue;
            atomic_thread_fence(memory_order_acquire);
            uint64_t bytes = value_size;
            if (capacity) {
                uint64_t elements = word(slot, 8);
                if (elements > capacity)
                    continue;
                bytes = elements * 8;
            }
            memcpy(value, slot + head, bytes);
            atomic_thread_fence(memory_order_acquire);
            if (word(slot, 0) != lo)
                continue;
            atomic_thread_fence(memory_order_acquire);
            if (word(slot, 4) != hi)
                continue;
            int is_torn = capacity && bytes / 8 != version % (capacity + 1);
            for (uint64_t i = 0; i < bytes / 8; i++)
                is_torn |= value[i] != version;
            torn += is_torn;
            back += version < last;
            last = version;
            reads--;
        }
        printf("torn %ld back %ld last %llu\n", torn, back, (unsigned long long)last);
    }
    return 0;
}
