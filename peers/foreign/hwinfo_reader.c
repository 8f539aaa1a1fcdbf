/* hwinfo_reader COUNT: reads HWiNFO's sensors as its author's sample does: under the mutex, and by the offsets and sizes
 * that the header tells. */

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <stddef.h>

#include "sample.h"

#pragma pack(push, 1)
struct header {
    DWORD signature, version, revision;
    long long poll_time;
    DWORD sensors_at, sensor_size, sensor_count;
    DWORD readings_at, reading_size, reading_count;
};

struct sensor {
    DWORD id, instance;
    char name[128], user_name[128];
};

struct reading {
    DWORD type, sensor, id;
    char label[128], user_label[128], unit[16];
    double value, least, greatest, average;
    /* Since version 2. */
    char utf8_label[128], utf8_unit[16];
};
#pragma pack(pop)

enum { size_in_version_1 = 316 };
_Static_assert(offsetof(struct reading, utf8_label) == size_in_version_1, "as hwisenssm2.h has it");

static void print(const char *region)
{
    const struct header *header = (const struct header *)region;
    printf("signature=%.4s\nversion=%lu\n", (const char *)&header->signature, header->version);
    for (DWORD i = 0; i < header->sensor_count; i++) {
        const char *at = region + header->sensors_at + header->sensor_size * i;
        char name[32];
        snprintf(name, sizeof name, "sensor[%lu]", i);
        print_ansi(name, ((const struct sensor *)at)->user_name, 128);
    }
    end_sample();
    for (DWORD i = 0; i < header->reading_count; i++) {
        const char *at = region + header->readings_at + header->reading_size * i;
        const struct reading *reading = (const struct reading *)at;
        printf("type=%lu\nsensor=%lu\n", reading->type, reading->sensor);
        if (header->version >= 2 && header->reading_size >= sizeof *reading) {
            printf("label=%.128s\nunit=%.16s\n", reading->utf8_label, reading->utf8_unit);
        } else {
            print_ansi("label", reading->user_label, 128);
            print_ansi("unit", reading->unit, 16);
        }
        print_number("value", reading->value);
        print_number("least", reading->least);
        print_number("greatest", reading->greatest);
        print_number("average", reading->average);
        end_sample();
    }
}

/* The value of each reading; all are the same number where nothing is torn. */
static void print_values(const char *region)
{
    const struct header *header = (const struct header *)region;
    for (DWORD i = 0; i < header->reading_count; i++) {
        const char *at = region + header->readings_at + header->reading_size * i;
        char name[32];
        snprintf(name, sizeof name, "%lu", i);
        print_number(name, ((const struct reading *)at)->value);
    }
    end_sample();
}

int main(int argc, char **argv)
{
    HANDLE mutex = OpenMutexA(READ_CONTROL | MUTEX_MODIFY_STATE | SYNCHRONIZE, FALSE, "Global\\HWiNFO_SM2_MUTEX");
    if (mutex == NULL)
        return failed("OpenMutexA");
    HANDLE mapping = OpenFileMappingA(FILE_MAP_READ, FALSE, "Global\\HWiNFO_SENS_SM2");
    if (mapping == NULL)
        return failed("OpenFileMappingA");
    const char *region = (const char *)MapViewOfFile(mapping, FILE_MAP_READ, 0, 0, 0);
    if (region == NULL)
        return failed("MapViewOfFile");

    for (int i = 0; i <= samples(argc, argv); i++) {
        if (WaitForSingleObject(mutex, INFINITE) != WAIT_OBJECT_0)
            return failed("WaitForSingleObject");
        if (i == 0)
            print(region);
        else
            print_values(region);
        ReleaseMutex(mutex);
    }
    return 0;
}
