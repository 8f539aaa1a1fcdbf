/* What the programs of this folder share: a region with one struct in it. */

#ifndef TELEMETRY_H
#define TELEMETRY_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <wchar.h>

struct telemetry {
    uint32_t version;
    uint32_t tick;
    float position[3];
    wchar_t name[32];
    double value;
    uint8_t flags;
};

/* All fields, each derived from the tick. */
static inline void telemetry_fill(struct telemetry *it, uint32_t tick)
{
    it->version = 3;
    it->tick = tick;
    it->position[0] = (float)tick * 0.5f;
    it->position[1] = -(float)tick;
    it->position[2] = 0.25f;
    wcsncpy(it->name, tick % 2 ? L"Spa-Francorchamps" : L"\u9234\u9e7f", 32);
    it->value = tick / 64.0;
    it->flags = (uint8_t)(tick ^ 0x80);
}

static inline void telemetry_print(const struct telemetry *it)
{
    printf("version=%u tick=%u position=%.6f,%.6f,%.6f value=%.6f flags=%u name=",
           (unsigned)it->version, (unsigned)it->tick, (double)it->position[0],
           (double)it->position[1], (double)it->position[2], it->value, (unsigned)it->flags);
    for (size_t i = 0; i < 32 && it->name[i] != 0; ++i) {
        if (it->name[i] >= ' ' && it->name[i] < 127)
            putchar(it->name[i]);
        else
            printf("\\u%04x", (unsigned)it->name[i]);
    }
    putchar('\n');
    fflush(stdout);
}

static inline void telemetry_print_offsets(void)
{
    printf("version=%u tick=%u position=%u name=%u value=%u flags=%u size=%u\n",
           (unsigned)offsetof(struct telemetry, version), (unsigned)offsetof(struct telemetry, tick),
           (unsigned)offsetof(struct telemetry, position), (unsigned)offsetof(struct telemetry, name),
           (unsigned)offsetof(struct telemetry, value), (unsigned)offsetof(struct telemetry, flags),
           (unsigned)sizeof(struct telemetry));
    fflush(stdout);
}

static inline void say(const char *line)
{
    puts(line);
    fflush(stdout);
}

#endif
