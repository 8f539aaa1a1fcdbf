/* Receives a broadcast, written from FORMAT.md alone. Its messages are arrays of u64 that all hold the message's
 * number.
 *
 * broadcast_receiver NAME, then on standard input:
 *   oldest      goes back to the oldest message that is kept
 *   until N     receives until it has received or missed the message N; prints how many it has received and missed
 *               since it began, how many were torn, and the generation
 */
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

static const char *name;
static const uint8_t *directory, *payload;
static uint32_t sequence;
static uint64_t generation, slots, message_size, head, first, stride;
static uint64_t seen;
static uint64_t *message;

static void demand(int holds, const char *what)
{
    if (!holds) {
        printf("not as FORMAT.md says: %s\n", what);
        exit(1);
    }
}

static const uint8_t *map(const char *region, size_t *size)
{
    wchar_t wide[512];
    MultiByteToWideChar(CP_UTF8, 0, region, -1, wide, 512);
    HANDLE section = OpenFileMappingW(FILE_MAP_READ, FALSE, wide);
    if (!section) {
        printf("cannot open %s: %lu\n", region, GetLastError());
        exit(1);
    }
    const uint8_t *base = MapViewOfFile(section, FILE_MAP_READ, 0, 0, 0);
    MEMORY_BASIC_INFORMATION info;
    if (!base || !VirtualQuery(base, &info, sizeof info)) {
        printf("cannot map %s: %lu\n", region, GetLastError());
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

/* What the directory says now: 0 while it is being written. */
static uint64_t current(uint32_t *of)
{
    *of = word(directory, 16);
    atomic_thread_fence(memory_order_acquire);
    uint64_t found = pair(directory, 32);
    atomic_thread_fence(memory_order_acquire);
    return *of % 2 || word(directory, 16) != *of ? 0 : found;
}

static uint64_t before_first(void)
{
    return (generation - 1) << 40;
}

static void open_payload(void)
{
    size_t size;
    char region[512];
    snprintf(region, sizeof region, "%s~%llx", name, (unsigned long long)generation);
    payload = map(region, &size);
    demand(!memcmp(payload, "WSMp", 4) && word(payload, 4) == 1 && word(payload, 8) == 4,
           "the payload's header");
    slots = word(payload, 12), message_size = pair(payload, 24);
    uint64_t align = word(payload, 32);
    first = pair(payload, 48), stride = pair(payload, 56);
    head = align > 128 ? align : 128;
    demand(slots >= 4 && !(slots & (slots - 1)) && slots <= size, "the number of slots");
    demand(message_size <= size && stride <= size && stride >= head + message_size, "the stride");
    demand(first <= size && slots * stride <= size - first, "the slots' place");
    message = realloc(message, message_size);
}

/* Reads a slot's sequence, and the message if it is of that version; whether both were so all the time. */
static int read_slot(uint64_t version, int copy, uint64_t *found)
{
    const uint8_t *slot = payload + first + version % slots * stride;
    uint32_t hi = word(slot, 4);
    atomic_thread_fence(memory_order_acquire);
    uint32_t lo = word(slot, 0);
    atomic_thread_fence(memory_order_acquire);
    *found = ((uint64_t)hi << 32 | lo) / 2;
    if (lo % 2 || (copy && *found != version))
        return 0;
    if (copy)
        memcpy(message, slot + head, message_size);
    atomic_thread_fence(memory_order_acquire);
    if (word(slot, 0) != lo)
        return 0;
    atomic_thread_fence(memory_order_acquire);
    return word(slot, 4) == hi;
}

static uint64_t last_version(void)
{
    for (;;) {
        uint32_t latest = word(payload, 128);
        atomic_thread_fence(memory_order_acquire);
        uint64_t version;
        if (read_slot(latest, 0, &version) && (uint32_t)version == latest &&
            word(payload, 128) == latest)
            return version ? version : before_first();
    }
}

/* 1: a message, 0: nothing yet, otherwise less: minus the number of messages missed. */
static int64_t receive(void)
{
    int is_last = word(directory, 16) == sequence;
    atomic_thread_fence(memory_order_acquire);
    uint32_t ahead = word(payload, 128) - (uint32_t)seen;
    atomic_thread_fence(memory_order_acquire);
    uint64_t found;
    if (ahead == 0) {
        if (read_slot(seen, 0, &found) && found > seen && (uint32_t)found == (uint32_t)seen) {
            uint64_t missed = found - seen;
            seen = found;
            return -(int64_t)missed;
        }
        uint32_t now;
        uint64_t next = is_last ? 0 : current(&now);
        if (next) {
            sequence = now;
            if (next != generation) {
                generation = next;
                open_payload();
                seen = before_first();
            }
        }
        return 0;
    }
    if (ahead <= slots && read_slot(seen + 1, 1, &found)) {
        seen++;
        return 1;
    }
    ahead = word(payload, 128) - (uint32_t)seen;
    uint64_t spare = slots / 4 > 2 ? slots / 4 : 2;
    uint64_t left = slots - spare;
    uint64_t missed = ahead > left + 1 ? ahead - left : 1;
    seen += missed;
    return -(int64_t)missed;
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    setvbuf(stdout, NULL, _IONBF, 0);
    name = argv[1];
    size_t size;
    directory = map(name, &size);
    demand(size == 4096 && !memcmp(directory, "WSMd", 4) && word(directory, 4) == 1 &&
               word(directory, 8) == 4,
           "the directory's header");
    do {
        generation = current(&sequence);
    } while (!generation);
    open_payload();
    seen = last_version();

    unsigned long long received = 0, missed = 0, torn = 0;
    char line[64];
    printf("ready\n");
    while (fgets(line, sizeof line, stdin)) {
        if (!strncmp(line, "oldest", 6)) {
            uint64_t last = last_version();
            seen = last > before_first() + slots - 1 ? last - (slots - 1) : before_first();
            printf("after %llu\n", (unsigned long long)seen);
            continue;
        }
        unsigned long long end = strtoull(line + 6, NULL, 10);
        while (seen < end) {
            int64_t got = receive();
            if (got < 0)
                missed += -got;
            if (got <= 0)
                continue;
            received++;
            for (uint64_t i = 0; i < message_size / 8; i++) {
                if (message[i] != seen) {
                    torn++;
                    break;
                }
            }
        }
        printf("received %llu missed %llu torn %llu generation %llu\n", received, missed, torn,
               (unsigned long long)generation);
    }
    return 0;
}
