/* Takes an end of a channel that is there, written from FORMAT.md alone. Its messages are slices of u64, and message N has
 * N % 50 + 1 elements; or they are records, arrays of 5 u32. All elements of message N hold N.
 *
 * channel NAME send slices|records, then on standard input:
 *   send N      sends the next N messages; prints the number of the last
 * channel NAME receive slices|records, then on standard input:
 *   receive N   receives N messages; prints the numbers of the first and the last, and how many were torn or not the next
 * Both:
 *   leave       leaves the end
 */
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

typedef _Atomic uint32_t word;

static const char *name;
static uint8_t *directory, *payload;
static word *end_of_mine, *sleeps, *head, *tail, *turn, *waits;
static uint8_t *ring;
static uint32_t units, unit;
/* Units before a message, for its length; bytes of an element. */
static uint32_t before, element;
static HANDLE own_event, other_event;
static uint64_t number;

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

static uint8_t *map(const char *suffix, size_t *size)
{
    HANDLE section = OpenFileMappingW(FILE_MAP_READ | FILE_MAP_WRITE, FALSE, with(suffix));
    demand(section != NULL, "a section");
    uint8_t *base = MapViewOfFile(section, FILE_MAP_READ | FILE_MAP_WRITE, 0, 0, 0);
    MEMORY_BASIC_INFORMATION info;
    demand(base && VirtualQuery(base, &info, sizeof info), "a view");
    *size = info.RegionSize;
    return base;
}

static word *at(uint8_t *base, size_t offset)
{
    return (word *)(base + offset);
}

static uint32_t load(uint8_t *base, size_t offset)
{
    return atomic_load_explicit(at(base, offset), memory_order_relaxed);
}

static uint64_t pair(uint8_t *base, size_t offset)
{
    return load(base, offset) | (uint64_t)load(base, offset + 4) << 32;
}

/* Joins as the receiver, or as the sender of the first lane that nobody has. */
static void join(int sends)
{
    size_t size;
    HANDLE mutex = OpenMutexW(SYNCHRONIZE | MUTEX_MODIFY_STATE, FALSE, with("~mutex"));
    demand(mutex && WaitForSingleObject(mutex, 5000) != WAIT_TIMEOUT, "the mutex");
    directory = map("", &size);
    demand(!memcmp(directory, "WSMd", 4) && load(directory, 4) == 1 && load(directory, 8) == 3,
           "the directory's header");
    uint32_t lanes = load(directory, 12);
    demand(lanes >= 1 && lanes <= 31, "the number of lanes");
    char suffix[64];
    snprintf(suffix, sizeof suffix, "~%llx", (unsigned long long)pair(directory, 32));
    payload = map(suffix, &size);
    demand(!memcmp(payload, "WSMp", 4) && load(payload, 4) == 1 && load(payload, 8) == 3,
           "the payload's header");
    units = load(payload, 12);
    uint32_t align = load(payload, 32), schema = load(payload, 40);
    const char *type = before ? "{\"element\":\"u64\"}" : "{\"count\":5,\"element\":\"u32\"}";
    demand(schema == strlen(type) && !memcmp(payload + load(payload, 36), type, schema), "the schema");
    demand(pair(payload, 24) == (before ? 8 : 20) && align == element, "the size and the alignment");
    unit = align < 8 ? 8 : align;
    uint64_t words = (256 + (uint64_t)schema + 127) / 128 * 128;
    uint64_t first = pair(payload, 48), stride = pair(payload, 56);
    demand(units >= 16 && units <= 1u << 28 && !(units & (units - 1)), "the units");
    demand(stride == (uint64_t)units * unit && first >= words + 384 * lanes, "the rings");
    demand(first <= size && lanes * stride <= size - first, "the size");

    uint32_t lane = 0;
    if (sends)
        while (lane < lanes && load(directory, 256 + 16 * (1 + lane)))
            lane++;
    demand(lane < lanes, "a free lane");
    end_of_mine = at(directory, sends ? 256 + 16 * (1 + lane) : 256);
    demand(atomic_load(end_of_mine) == 0, "a free end");
    sleeps = at(payload, 128);
    head = at(payload, words + 384 * lane);
    tail = at(payload, words + 384 * lane + 128);
    turn = at(payload, words + 384 * lane + 132);
    waits = at(payload, words + 384 * lane + 256);
    ring = payload + first + lane * stride;

    FILETIME created, other[3];
    GetProcessTimes(GetCurrentProcess(), &created, &other[0], &other[1], &other[2]);
    uint64_t time = (uint64_t)created.dwHighDateTime << 32 | created.dwLowDateTime;
    snprintf(suffix, sizeof suffix, "~%lx-%llx", GetCurrentProcessId(), (unsigned long long)time);
    demand(CreateEventW(NULL, TRUE, FALSE, with(suffix)) != NULL, "the event of this process");
    char room[32];
    snprintf(room, sizeof room, "~room%u", lane);
    own_event = CreateEventW(NULL, FALSE, FALSE, with(sends ? room : "~ready"));
    demand(own_event != NULL, "the event to wait for");

    uint32_t odd = atomic_load(&end_of_mine[1]) | 1;
    atomic_store(&end_of_mine[1], odd);
    atomic_store(&end_of_mine[2], (uint32_t)time);
    atomic_store(&end_of_mine[3], (uint32_t)(time >> 32));
    atomic_store_explicit(end_of_mine, GetCurrentProcessId(), memory_order_release);
    atomic_store_explicit(&end_of_mine[1], odd + 1 ? odd + 1 : 2, memory_order_release);
    ReleaseMutex(mutex);
}

/* Wakes the other end if it says that it waits. */
static void wake(word *flag, const char *event)
{
    atomic_thread_fence(memory_order_seq_cst);
    if (!atomic_load_explicit(flag, memory_order_relaxed) || !atomic_exchange(flag, 0))
        return;
    if (!other_event)
        other_event = OpenEventW(EVENT_MODIFY_STATE, FALSE, with(event));
    if (other_event)
        SetEvent(other_event);
}

static void wait_while(word *flag, word *watched, uint32_t seen)
{
    atomic_fetch_or(flag, 1);
    atomic_thread_fence(memory_order_seq_cst);
    LARGE_INTEGER now, end, second;
    QueryPerformanceFrequency(&second);
    QueryPerformanceCounter(&end);
    end.QuadPart += second.QuadPart / 100000 + 1;
    int is_there;
    do {
        is_there = atomic_load_explicit(watched, memory_order_relaxed) != seen;
        QueryPerformanceCounter(&now);
    } while (!is_there && now.QuadPart < end.QuadPart);
    if (!is_there)
        WaitForSingleObject(own_event, 50);
    atomic_fetch_and(flag, ~1u);
}

static uint32_t length_of(uint64_t message)
{
    return before ? 8 * (uint32_t)(message % 50 + 1) : 20;
}

static uint32_t record_of(uint32_t bytes)
{
    return before + (bytes + unit - 1) / unit;
}

static uint8_t *bytes_at(uint32_t offset)
{
    return ring + (size_t)(offset + before) * unit;
}

static void send_next(void)
{
    uint64_t message = number + 1;
    uint32_t bytes = length_of(message), record = record_of(bytes);
    uint32_t sent = atomic_load_explicit(tail, memory_order_relaxed), rest = units - sent % units;
    uint32_t need = record > rest ? rest + record : record;
    for (;;) {
        uint32_t taken = atomic_load_explicit(head, memory_order_acquire);
        demand(sent - taken <= units, "the positions");
        if (units - (sent - taken) >= need)
            break;
        wait_while(waits, head, taken);
    }
    uint32_t offset = record > rest ? 0 : sent % units;
    for (uint32_t index = 0; index < bytes; index += element)
        memcpy(bytes_at(offset) + index, &message, element);
    if (before)
        atomic_store_explicit(at(ring, (size_t)offset * unit), bytes, memory_order_relaxed);
    if (offset == 0)
        atomic_store_explicit(turn, sent, memory_order_relaxed);
    atomic_store_explicit(tail, sent + need, memory_order_release);
    number = message;
    wake(sleeps, "~ready");
}

/* Whether the message was whole, and the next one. */
static int receive_next(void)
{
    uint32_t taken = atomic_load_explicit(head, memory_order_relaxed), sent;
    while ((sent = atomic_load_explicit(tail, memory_order_acquire)) == taken)
        wait_while(sleeps, tail, sent);
    demand(sent - taken <= units, "the positions");
    uint32_t last = taken;
    if (taken % units + (sent - taken) > units &&
        atomic_load_explicit(turn, memory_order_relaxed) == taken && taken % units != 0) {
        demand(sent - taken > units - taken % units, "where a ring begins again");
        taken += units - taken % units;
    }
    uint32_t length = before ? load(ring, (size_t)(taken % units) * unit) : 20;
    uint32_t record = record_of(length);
    demand(length <= units / 2 * unit && length % element == 0 && length && record <= sent - taken &&
               record <= units - taken % units,
           "the length");
    const uint8_t *bytes = bytes_at(taken % units);
    uint64_t message = 0;
    memcpy(&message, bytes, element);
    int is_next = (number == 0 || message == number + 1) && length == length_of(message);
    for (uint32_t index = element; index < length; index += element)
        is_next &= !memcmp(bytes + index, &message, element);
    number = message;
    taken += record;
    atomic_store_explicit(head, taken, memory_order_release);
    if (last / (units / 4) != taken / (units / 4) || taken == sent)
        wake(waits, "~room0");
    return is_next;
}

int main(int count, char **arguments)
{
    demand(count == 4, "the arguments");
    name = arguments[1];
    before = !strcmp(arguments[3], "slices");
    element = before ? 8 : 4;
    int sends = !strcmp(arguments[2], "send");
    join(sends);
    wake(sends ? sleeps : waits, sends ? "~ready" : "~room0");
    puts("ready");
    fflush(stdout);
    char line[64];
    while (fgets(line, sizeof line, stdin)) {
        unsigned long long messages;
        if (sscanf(line, "send %llu", &messages) == 1) {
            while (messages--)
                send_next();
            printf("last %llu\n", (unsigned long long)number);
        } else if (sscanf(line, "receive %llu", &messages) == 1) {
            uint64_t wrong = 0, first = 0;
            for (unsigned long long index = 0; index < messages; index++) {
                wrong += !receive_next();
                if (!first)
                    first = number;
            }
            printf("first %llu last %llu wrong %llu\n", (unsigned long long)first,
                   (unsigned long long)number, (unsigned long long)wrong);
        } else {
            atomic_store_explicit(end_of_mine, 0, memory_order_release);
            wake(sends ? sleeps : waits, sends ? "~ready" : "~room0");
            puts("left");
        }
        fflush(stdout);
    }
    return 0;
}
