/* producer KIND NAME SIZE [join]: writes a region of SIZE bytes again and again, as real programs do that follow one of the
 * eight conventions. Each value is a number, the step, in all 32-bit words that are not a mark: a value with two
 * different words is torn.
 *
 *   double_read  nothing (MumbleLink)
 *   counter      a counter in the first word, written with the rest (Assetto Corsa)
 *   begin_end    counted up before and after, in words 0 and 1 (rFactor 2)
 *   sequence     odd while written, in the word in the middle (Automobilista 2)
 *   latest_of    three buffers, their ticks and offsets at 48 (iRacing)
 *   busy         a flag in word 1, a stamp in word 2 (GPU-Z)
 *   mutex        NAME-mutex (HWiNFO)
 *   lock_region  {waiters, busy} in NAME-lock, and NAME-event (Le Mans Ultimate)
 *
 * It insists on creating its region; with "join" it takes one that is there.
 *
 * Prints "ready", then obeys lines on stdin:
 *
 *   run MICROSECONDS  writes from now on, with this pause after each write; prints "runs". 0 is as fast as it can, and
 *                     a rest of 250 microseconds after every 1000 writes: a reader that waits for a write to end needs
 *                     some time without one
 *   stop              prints "stopped", the last step, and the steps that took longer than 40 microseconds to copy,
 *                     each followed by how many it took
 *   half              writes the first half of a value, prints "half", and writes the rest at the next line
 *   die               puts an end to the magic, if there is one: stores 0xDEAD in the first word; prints "dead"
 *   quit              or the end of the input: ends
 */

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUFFERS 3
#define BUFFER_TABLE 48
#define FIRST_BUFFER 128
#define SLOW_US 40
#define REST_EVERY 1000
#define REST_US 250

enum kind { DOUBLE_READ, COUNTER, BEGIN_END, SEQUENCE, LATEST_OF, BUSY, MUTEX, LOCK_REGION };

static const char *const kinds[] = {"double_read", "counter", "begin_end", "sequence",
                                    "latest_of",   "busy",    "mutex",     "lock_region"};

static enum kind kind;
static volatile uint32_t *region;
static uint32_t *value; /* the next one, private */
static size_t words;    /* of the region */
static size_t first;    /* of a value */
static size_t count;    /* of a value */
static HANDLE mutex, event;
static int joins;
static volatile LONG *lock; /* waiters, busy */

static uint32_t step;
static volatile LONG running;
static DWORD pause_us;
static HANDLE writer;
static struct { uint32_t step; unsigned us; } *slow;
static size_t slow_count, slow_room;

static int failed(const char *function)
{
    printf("failed %s %lu\n", function, GetLastError());
    return 1;
}

static void say(const char *line)
{
    puts(line);
    fflush(stdout);
}

static uint64_t now(void)
{
    LARGE_INTEGER it;
    QueryPerformanceCounter(&it);
    return (uint64_t)it.QuadPart;
}

static uint64_t per_second(void)
{
    LARGE_INTEGER it;
    QueryPerformanceFrequency(&it);
    return (uint64_t)it.QuadPart;
}

static void lock_acquire(void)
{
    for (int spins = 0; spins < 4000; ++spins) {
        if (InterlockedCompareExchange(&lock[1], 1, 0) == 0)
            return;
        YieldProcessor();
    }
    InterlockedIncrement(&lock[0]);
    while (InterlockedCompareExchange(&lock[1], 1, 0) != 0)
        WaitForSingleObject(event, INFINITE);
    InterlockedDecrement(&lock[0]);
}

static void lock_release(void)
{
    InterlockedExchange(&lock[1], 0);
    if (lock[0] > 0)
        SetEvent(event);
}

/* What the value of the next step is; nobody sees it yet. */
static void prepare(void)
{
    ++step;
    for (size_t i = 0; i < count; ++i)
        value[i] = step;
    if (kind == LATEST_OF)
        first = (FIRST_BUFFER + step % BUFFERS * count * 4) / 4;
}

static void begin(void)
{
    switch (kind) {
    case BEGIN_END: InterlockedIncrement((volatile LONG *)&region[0]); break;
    case SEQUENCE: InterlockedIncrement((volatile LONG *)&region[words / 2]); break;
    case BUSY:
        InterlockedExchange((volatile LONG *)&region[1], 1);
        region[2] = step;
        break;
    case MUTEX: WaitForSingleObject(mutex, INFINITE); break;
    case LOCK_REGION: lock_acquire(); break;
    default: break;
    }
}

static void copy(size_t from, size_t to)
{
    if (kind != SEQUENCE) {
        memcpy((void *)&region[first + from], &value[from], (to - from) * 4);
        return;
    }
    /* Around the sequence, which is in the middle of the struct. */
    size_t middle = words / 2;
    for (size_t i = from; i < to; ++i)
        if (i != middle)
            region[i] = value[i];
}

static void end(void)
{
    switch (kind) {
    case BEGIN_END: InterlockedIncrement((volatile LONG *)&region[1]); break;
    case SEQUENCE: InterlockedIncrement((volatile LONG *)&region[words / 2]); break;
    case LATEST_OF: region[BUFFER_TABLE / 4 + step % BUFFERS * 4] = step; break;
    case BUSY: InterlockedExchange((volatile LONG *)&region[1], 0); break;
    case MUTEX: ReleaseMutex(mutex); break;
    case LOCK_REGION: lock_release(); break;
    default: break;
    }
}

static void note_slow(unsigned us)
{
    if (slow_count == slow_room) {
        slow_room = slow_room == 0 ? 1024 : 2 * slow_room;
        slow = realloc(slow, slow_room * sizeof *slow);
        if (slow == NULL)
            exit(failed("realloc"));
    }
    slow[slow_count].step = step;
    slow[slow_count++].us = us;
}

static void write_one(void)
{
    prepare();
    begin();
    uint64_t start = now();
    copy(0, count);
    uint64_t us = (now() - start) * 1000000 / per_second();
    end();
    if (us > SLOW_US)
        note_slow((unsigned)us);
}

static void wait_for(DWORD us)
{
    if (us >= 1000) {
        Sleep(us / 1000);
        return;
    }
    uint64_t until = now() + us * per_second() / 1000000;
    while (now() < until)
        YieldProcessor();
}

static DWORD WINAPI write_all(void *nothing)
{
    (void)nothing;
    while (running) {
        write_one();
        if (pause_us > 0)
            wait_for(pause_us);
        else if (step % REST_EVERY == 0)
            wait_for(REST_US);
    }
    return 0;
}

static void stop(void)
{
    if (writer == NULL)
        return;
    running = 0;
    WaitForSingleObject(writer, INFINITE);
    CloseHandle(writer);
    writer = NULL;
}

static void *map(const char *name, const char *suffix, size_t size)
{
    char full[256];
    snprintf(full, sizeof full, "%s%s", name, suffix);
    HANDLE mapping = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, (DWORD)size, full);
    if (mapping == NULL)
        return NULL;
    /* Some producers insist on being the first. */
    if (!joins && GetLastError() == ERROR_ALREADY_EXISTS) {
        SetLastError(ERROR_ALREADY_EXISTS);
        return NULL;
    }
    return MapViewOfFile(mapping, FILE_MAP_ALL_ACCESS, 0, 0, size);
}

/* Where a value is, and the objects beside it. */
static int set_up(const char *name)
{
    char full[256];
    first = 0;
    count = words;
    switch (kind) {
    case BEGIN_END:
        first = 2;
        break;
    case BUSY:
        first = 3;
        break;
    case LATEST_OF:
        count = (words * 4 - FIRST_BUFFER) / BUFFERS / 4;
        for (uint32_t i = 0; i < BUFFERS; ++i)
            region[BUFFER_TABLE / 4 + i * 4 + 1] = (uint32_t)(FIRST_BUFFER + i * count * 4);
        region[8] = BUFFERS;
        return 0;
    case MUTEX:
        snprintf(full, sizeof full, "%s-mutex", name);
        mutex = CreateMutexA(NULL, FALSE, full);
        return mutex == NULL ? failed("CreateMutexA") : 0;
    case LOCK_REGION:
        snprintf(full, sizeof full, "%s-event", name);
        event = CreateEventA(NULL, FALSE, FALSE, full);
        lock = (volatile LONG *)map(name, "-lock", 8);
        return event == NULL || lock == NULL ? failed("the lock") : 0;
    default:
        break;
    }
    count = words - first;
    return 0;
}

static void obey(const char *line)
{
    if (strncmp(line, "run ", 4) == 0) {
        pause_us = (DWORD)strtoul(line + 4, NULL, 10);
        running = 1;
        writer = CreateThread(NULL, 0, write_all, NULL, 0, NULL);
        say("runs");
    } else if (strncmp(line, "stop", 4) == 0) {
        stop();
        printf("stopped %u", (unsigned)step);
        for (size_t i = 0; i < slow_count; ++i)
            printf(" %u %u", (unsigned)slow[i].step, slow[i].us);
        say("");
    } else if (strncmp(line, "half", 4) == 0) {
        char rest[64];
        stop();
        prepare();
        begin();
        copy(0, count / 2);
        say("half");
        if (fgets(rest, sizeof rest, stdin) == NULL)
            exit(1);
        copy(count / 2, count);
        end();
        say("whole");
    } else if (strncmp(line, "die", 3) == 0) {
        stop();
        region[0] = 0xDEAD;
        say("dead");
    }
}

int main(int argc, char **argv)
{
    if (argc != 4 && argc != 5) {
        fprintf(stderr, "usage: producer KIND NAME SIZE [join]\n");
        return 2;
    }
    joins = argc == 5;
    while (kind < 8 && strcmp(kinds[kind], argv[1]) != 0)
        ++kind;
    words = strtoul(argv[3], NULL, 10) / 4;
    value = malloc(words * 4);
    region = (volatile uint32_t *)map(argv[2], "", words * 4);
    if (region == NULL || value == NULL)
        return failed("CreateFileMappingA");
    if (set_up(argv[2]) != 0)
        return 1;
    say("ready");

    char line[64];
    while (fgets(line, sizeof line, stdin) != NULL && strncmp(line, "quit", 4) != 0)
        obey(line);
    return 0;
}
