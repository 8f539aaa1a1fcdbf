/* rfactor2_reader COUNT: reads the telemetry of rF2SharedMemoryMapPlugin as its clients do: the version that is counted up
 * after a write first, then a copy, then the version that is counted up before one. If they are equal, the copy is whole. */

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <stddef.h>
#include <string.h>

#include "sample.h"

/* rF2State.h, with what is not printed left together. */
#pragma pack(push, 4)
struct vector {
    double x, y, z;
};

struct wheel {
    double suspension_deflection, ride_height;
    char rest[244];
};

struct vehicle {
    int id;
    double delta_time, elapsed_time;
    int lap;
    double lap_start;
    char name[64], track[64];
    struct vector position, velocity, acceleration, orientation[3], rotation, rotation_acceleration;
    int gear;
    double rpm, water, oil;
    char rest[468];
    struct wheel wheels[4];
};

struct telemetry {
    unsigned version_begin, version_end;
    int bytes_updated, vehicle_count;
    struct vehicle vehicles[128];
};
#pragma pack(pop)

_Static_assert(sizeof(struct telemetry) == 241680, "as rF2State.h has it");
_Static_assert(offsetof(struct vehicle, gear) == 352, "as rF2State.h has it");
_Static_assert(offsetof(struct vehicle, wheels) == 848, "as rF2State.h has it");

static struct telemetry copy;

static void take(const struct telemetry *region)
{
    volatile const struct telemetry *shared = region;
    for (;;) {
        unsigned end = shared->version_end;
        MemoryBarrier();
        memcpy(&copy, region, sizeof copy);
        MemoryBarrier();
        if (shared->version_begin == end)
            return;
    }
}

static void print(const struct vehicle *vehicle)
{
    printf("id=%d\nlap=%d\ngear=%d\n", vehicle->id, vehicle->lap, vehicle->gear);
    print_ansi("name", vehicle->name, 64);
    print_ansi("track", vehicle->track, 64);
    print_number("position.y", vehicle->position.y);
    print_number("orientation[2].z", vehicle->orientation[2].z);
    print_number("oil", vehicle->oil);
    print_number("wheels[3].ride_height", vehicle->wheels[3].ride_height);
    end_sample();
}

/* From the front and the back of the region. */
static double front(void)
{
    return copy.vehicles[0].rpm;
}

static double back(void)
{
    return copy.vehicles[copy.vehicle_count - 1].wheels[3].ride_height;
}

int main(int argc, char **argv)
{
    HANDLE mapping = OpenFileMappingA(FILE_MAP_READ, FALSE, "$rFactor2SMMP_Telemetry$");
    if (mapping == NULL)
        return failed("OpenFileMappingA");
    const struct telemetry *region =
        (const struct telemetry *)MapViewOfFile(mapping, FILE_MAP_READ, 0, 0, sizeof copy);
    if (region == NULL)
        return failed("MapViewOfFile");

    take(region);
    for (int i = 0; i < copy.vehicle_count; i++)
        print(&copy.vehicles[i]);
    for (int i = 0; i < samples(argc, argv); i++) {
        double first = front(), last = back();
        while (front() == first && back() == last)
            take(region);
        print_number("first", front());
        print_number("last", back());
        end_sample();
    }
    return 0;
}
