// What C++ and C have that a page of numbers has not. The compiler has checked the offsets that the tests expect.
#pragma once
#include <stddef.h>
#include <stdint.h>

namespace game {

struct Opaque;
template <typename T> struct Ring {
    T last;
    uint32_t count;
};
template <typename T, int N> struct Rows {
    T rows[N];
};

struct Moving {
    float speed;
};
struct Named {
    char name[8];
    static int known;
};

namespace telemetry {
class Car : public Moving, public Named {
  public:
    static const int wheels = 4;
    class Seat {
      public:
        int16_t x;
    };
    int8_t gear;
    int8_t trims[4];
    Ring<int> laps;
    Ring<Ring<float>> times;
    Rows<wchar_t, 6> label;
    Seat seats[2];
    union {
        int32_t flag;
        float part;
    } state;
    struct {
        int16_t x, y;
    } place;
    int drive(int);

  protected:
    int32_t sum;
};
} // namespace telemetry

namespace replay {
struct Car {
    int64_t frame;
};
} // namespace replay

struct Pointers {
    int *number;
    const char *text;
    void *any;
    Opaque *opaque;
    int *list[3];
    int32_t after;
};

} // namespace game

typedef struct tagSEAT {
    int32_t row;
} SEAT, *PSEAT;
typedef game::telemetry::Car Player;

inline int game::telemetry::Car::drive(int far) { return sum + far; }

struct Everything {
    Player player;
    game::replay::Car replayed;
    game::Pointers pointers;
    SEAT seat;
};

class Offsets : game::telemetry::Car {
    static_assert(sizeof(game::telemetry::Car) == 68, "");
    static_assert(offsetof(game::telemetry::Car, name) == 4, "");
    static_assert(offsetof(game::telemetry::Car, gear) == 12, "");
    static_assert(offsetof(game::telemetry::Car, trims) == 13, "");
    static_assert(offsetof(game::telemetry::Car, laps) == 20, "");
    static_assert(offsetof(game::telemetry::Car, times) == 28, "");
    static_assert(offsetof(game::telemetry::Car, label) == 40, "");
    static_assert(offsetof(game::telemetry::Car, seats) == 52, "");
    static_assert(offsetof(game::telemetry::Car, state) == 56, "");
    static_assert(offsetof(game::telemetry::Car, place) == 60, "");
    static_assert(offsetof(game::Pointers, list) == 4 * sizeof(void *), "");
    static_assert(offsetof(game::Pointers, after) == 7 * sizeof(void *), "");
};
