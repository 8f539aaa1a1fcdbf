/* Sends a broadcast, written from FORMAT.md alone; creates what is not there. Its messages are arrays of 64 u64 that all
 * hold the message's number.
 *
 * broadcast_sender NAME SLOTS registers with so many slots at least, prints the generation and the number of the last
 * message, and then reads from standard input:
 *   send N      sends the next N messages; prints the number of the last, and how often it has set an event
 *   begin       begins a message, and leaves it unfinished
 *   leave       closes
 */
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#define WORDS 64
#define SCHEMA "{\"count\":64,\"element\":\"u64\"}"

typedef _Atomic uint32_t word;

static const char *name;
static uint8_t *directory, *payload, *waiters;
static uint64_t generation, version;
static uint32_t slots;
static uint64_t first, stride;
static const uint32_t head = 128;
static unsigned long long woken;

static void demand(int holds, const char *what)
{
    if (!holds) {
        printf("not as FORMAT.md says: %s (%lu)\n", what, GetLastError());
        exit(1);
    }
}

static const wchar_t *with(const char *suffix)
{
    static wchar_t wide[512];
    char full[512];
    snprintf(full, sizeof full, "%s%s", name, suffix);
    MultiByteToWideChar(CP_UTF8, 0, full, -1, wide, 512);
    return wide;
}

static word *at(uint8_t *base, size_t offset)
{
    return (word *)(base + offset);
}

static uint32_t load(uint8_t *base, size_t offset)
{
    return atomic_load_explicit(at(base, offset), memory_order_relaxed);
}

static void store(uint8_t *base, size_t offset, uint32_t value)
{
    atomic_store_explicit(at(base, offset), value, memory_order_relaxed);
}

static uint64_t pair(uint8_t *base, size_t offset)
{
    return load(base, offset) | (uint64_t)load(base, offset + 4) << 32;
}

static void store_pair(uint8_t *base, size_t offset, uint64_t value)
{
    store(base, offset, (uint32_t)value);
    store(base, offset + 4, (uint32_t)(value >> 32));
}

static uint8_t *view(HANDLE section, size_t *size)
{
    demand(section != NULL, "a section");
    uint8_t *base = MapViewOfFile(section, FILE_MAP_READ | FILE_MAP_WRITE, 0, 0, 0);
    MEMORY_BASIC_INFORMATION info;
    demand(base && VirtualQuery(base, &info, sizeof info), "a view");
    *size = info.RegionSize;
    return base;
}

static HANDLE create(const char *suffix, size_t size)
{
    return CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, (DWORD)size, with(suffix));
}

static void finish(uint8_t *base, const char *magic)
{
    uint32_t bytes;
    memcpy(&bytes, magic, 4);
    atomic_store_explicit(at(base, 0), bytes, memory_order_release);
}

/* A page with a header, which is written unless it is there. */
static uint8_t *page(const char *suffix, const char *magic, uint32_t kind)
{
    size_t size;
    uint8_t *base = view(create(suffix, 4096), &size);
    demand(size == 4096, "the size of a page");
    if (load(base, 0) == 0) {
        for (size_t offset = 16; offset < 4096; offset += 4)
            demand(load(base, offset) == 0, "an unfinished page");
        store(base, 4, 1);
        if (kind)
            store(base, 8, kind);
        finish(base, magic);
    }
    demand(!memcmp(base, magic, 4) && load(base, 4) == 1, "the magic and the version");
    demand(!kind || load(base, 8) == kind, "the kind");
    return base;
}

static int lives(uint32_t id, uint64_t time)
{
    HANDLE process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION | SYNCHRONIZE, FALSE, id);
    if (!process)
        return GetLastError() != ERROR_INVALID_PARAMETER;
    FILETIME created, other[3];
    GetProcessTimes(process, &created, &other[0], &other[1], &other[2]);
    int is_it = time == ((uint64_t)created.dwHighDateTime << 32 | created.dwLowDateTime) &&
                WaitForSingleObject(process, 0) == WAIT_TIMEOUT;
    CloseHandle(process);
    return is_it;
}

static uint64_t hash(const char *text)
{
    uint64_t value = 0xcbf29ce484222325;
    while (*text)
        value = (value ^ (uint8_t)*text++) * 0x100000001b3;
    return value;
}

static uint64_t before_first(void)
{
    return (generation - 1) << 40;
}

static void place(void)
{
    first = (256 + strlen(SCHEMA) + head - 1) / head * head;
    stride = head + sizeof(uint64_t) * WORDS;
}

/* Whether the payload of this generation is there, and one in which to go on. */
static int open_payload(uint32_t wanted)
{
    char suffix[32];
    snprintf(suffix, sizeof suffix, "~%llx", (unsigned long long)generation);
    HANDLE section = OpenFileMappingW(FILE_MAP_READ | FILE_MAP_WRITE, FALSE, with(suffix));
    if (!section)
        return 0;
    size_t size;
    payload = view(section, &size);
    demand(!memcmp(payload, "WSMp", 4) && load(payload, 4) == 1 && load(payload, 8) == 4,
           "the payload's header");
    slots = load(payload, 12);
    demand(slots >= 4 && !(slots & (slots - 1)), "the number of slots");
    return load(payload, 40) == strlen(SCHEMA) && !memcmp(payload + 256, SCHEMA, strlen(SCHEMA)) &&
           pair(payload, 48) == first && pair(payload, 56) == stride && slots >= wanted &&
           first + slots * stride <= size;
}

static void create_payload(uint32_t wanted)
{
    char suffix[32];
    HANDLE section;
    for (slots = 4; slots < wanted; slots *= 2)
        ;
    for (;;) {
        generation++;
        snprintf(suffix, sizeof suffix, "~%llx", (unsigned long long)generation);
        section = create(suffix, first + slots * stride);
        if (GetLastError() != ERROR_ALREADY_EXISTS)
            break;
        CloseHandle(section);
    }
    size_t size;
    payload = view(section, &size);
    store(payload, 4, 1);
    store(payload, 8, 4);
    store(payload, 12, slots);
    store_pair(payload, 16, hash(SCHEMA));
    store_pair(payload, 24, sizeof(uint64_t) * WORDS);
    store(payload, 32, 8);
    store(payload, 36, 256);
    store(payload, 40, (uint32_t)strlen(SCHEMA));
    store_pair(payload, 48, first);
    store_pair(payload, 56, stride);
    memcpy(payload + 256, SCHEMA, strlen(SCHEMA));
    finish(payload, "WSMp");
}

static uint64_t last_version(void)
{
    uint32_t latest = load(payload, 128);
    uint64_t slot = first + latest % slots * stride, sequence = pair(payload, slot);
    if (!latest && !sequence)
        return before_first();
    demand(sequence % 2 == 0 && (uint32_t)(sequence / 2) == latest, "the slot of the last message");
    return sequence / 2;
}

static void wake(void)
{
    atomic_thread_fence(memory_order_seq_cst);
    if (!load(waiters, 128))
        return;
    uint32_t waiting = atomic_exchange(at(waiters, 128), 0);
    for (int index = 0; index < 32; index++) {
        char suffix[16];
        snprintf(suffix, sizeof suffix, "~wait%d", index);
        HANDLE event = waiting >> index & 1 ? OpenEventW(EVENT_MODIFY_STATE, FALSE, with(suffix)) : NULL;
        if (event) {
            woken += SetEvent(event);
            CloseHandle(event);
        }
    }
}

static void enter(uint32_t wanted)
{
    HANDLE mutex = CreateMutexW(NULL, FALSE, with("~mutex"));
    demand(mutex && WaitForSingleObject(mutex, 5000) != WAIT_TIMEOUT, "the mutex");
    directory = page("", "WSMd", 4);
    uint32_t sequence = load(directory, 16), id = load(directory, 20);
    demand(sequence % 2 || !id || !lives(id, pair(directory, 24)), "that there is no other sender");
    generation = pair(directory, 32);
    waiters = page("~wait", "WSMw", 0);
    place();
    if (!generation || !open_payload(wanted))
        create_payload(wanted);
    version = last_version();

    FILETIME created, other[3];
    GetProcessTimes(GetCurrentProcess(), &created, &other[0], &other[1], &other[2]);
    uint64_t time = (uint64_t)created.dwHighDateTime << 32 | created.dwLowDateTime;
    char suffix[64];
    snprintf(suffix, sizeof suffix, "~%lx-%llx", GetCurrentProcessId(), (unsigned long long)time);
    demand(CreateEventW(NULL, TRUE, FALSE, with(suffix)) != NULL, "the event of this process");

    atomic_store_explicit(at(directory, 16), sequence | 1, memory_order_release);
    atomic_thread_fence(memory_order_release);
    store(directory, 20, GetCurrentProcessId());
    store_pair(directory, 24, time);
    store_pair(directory, 32, generation);
    atomic_store_explicit(at(directory, 16), (sequence | 1) + 1, memory_order_release);
    ReleaseMutex(mutex);
    wake();
}

static uint64_t begin(void)
{
    uint64_t next = version + 1, slot = first + next % slots * stride;
    store(payload, slot, (uint32_t)(2 * next) | 1);
    atomic_thread_fence(memory_order_release);
    store(payload, slot + 4, (uint32_t)(2 * next >> 32));
    uint64_t *message = (uint64_t *)(payload + slot + head);
    for (int index = 0; index < WORDS; index++)
        message[index] = next;
    return slot;
}

static void send_next(void)
{
    uint64_t slot = begin();
    version++;
    atomic_store_explicit(at(payload, slot), (uint32_t)(2 * version), memory_order_release);
    atomic_store_explicit(at(payload, 128), (uint32_t)version, memory_order_release);
    wake();
}

int main(int count, char **arguments)
{
    demand(count == 3, "the arguments");
    name = arguments[1];
    enter((uint32_t)atoi(arguments[2]));
    printf("generation %llu last %llu\n", (unsigned long long)generation, (unsigned long long)version);
    fflush(stdout);
    char line[64];
    while (fgets(line, sizeof line, stdin)) {
        unsigned long long messages;
        if (sscanf(line, "send %llu", &messages) == 1) {
            while (messages--)
                send_next();
            printf("last %llu woken %llu\n", (unsigned long long)version, woken);
        } else if (!strncmp(line, "begin", 5)) {
            begin();
            puts("begun");
        } else {
            atomic_store_explicit(at(directory, 20), 0, memory_order_release);
            wake();
            puts("left");
        }
        fflush(stdout);
    }
    return 0;
}
