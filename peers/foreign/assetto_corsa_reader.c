/* assetto_corsa_reader COUNT: reads the pages of Assetto Corsa as its sample does: makes or opens each, and reads fields
 * where they are, by no convention. */

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <stddef.h>

#include "sample.h"

/* The game's shared memory reference, with what is not printed left together. */
#pragma pack(push, 4)
struct physics {
    int packet;
    float gas, brake, fuel;
    int gear, rpm;
    float steer, speed, velocity[3], acceleration[3];
    char rest[508];
    float brake_bias;
    char end[232];
};

struct graphics {
    int packet, status, session;
    wchar_t current_time[15], last_time[15], best_time[15], split[15];
    int laps, position, current, last, best;
    float left, distance;
    int in_pit, sector, last_sector, lap_count;
    wchar_t tyres[33];
    float replay_speed, normalized_position;
    char end[1248];
};

struct page_static {
    wchar_t version[15], game_version[15];
    int session_count, car_count;
    wchar_t car[33], track[33], name[33], surname[33], nick[33];
    int sector_count;
    float torque, power;
    int rpm;
    float fuel;
    char end[268];
};
#pragma pack(pop)

_Static_assert(sizeof(struct physics) == 800 && offsetof(struct physics, brake_bias) == 564, "as the game has it");
_Static_assert(sizeof(struct graphics) == 1500 && offsetof(struct graphics, normalized_position) == 248, "as the game has it");
_Static_assert(sizeof(struct page_static) == 688 && offsetof(struct page_static, fuel) == 416, "as the game has it");

static const void *map(const char *name, DWORD size)
{
    HANDLE mapping = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, size, name);
    return mapping == NULL ? NULL : MapViewOfFile(mapping, FILE_MAP_READ, 0, 0, size);
}

int main(int argc, char **argv)
{
    volatile const struct physics *physics = map("Local\\acpmf_physics", sizeof *physics);
    const struct graphics *graphics = map("Local\\acpmf_graphics", sizeof *graphics);
    const struct page_static *page = map("Local\\acpmf_static", sizeof *page);
    if (physics == NULL || graphics == NULL || page == NULL)
        return failed("CreateFileMappingA");

    print_wide("sm_version", page->version, 15);
    print_wide("car_model", page->car, 33);
    print_wide("player_nick", page->nick, 33);
    print_number("max_rpm", page->rpm);
    print_number("max_fuel", page->fuel);
    print_number("status", graphics->status);
    print_number("session", graphics->session);
    print_wide("best_time", graphics->best_time, 15);
    print_wide("tyre_compound", graphics->tyres, 33);
    print_number("normalized_car_position", graphics->normalized_position);
    print_number("gear", physics->gear);
    print_number("brake_bias", physics->brake_bias);
    end_sample();
    for (int i = 0; i < samples(argc, argv); i++) {
        int last = physics->packet;
        while (physics->packet == last)
            YieldProcessor();
        print_number("speed_kmh", physics->speed);
        print_number("velocity[2]", physics->velocity[2]);
        end_sample();
    }
    return 0;
}
