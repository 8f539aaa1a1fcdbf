// What programs write into shared memory, with everything that their headers have.
#pragma once
#include <stdint.h>

enum Phase { PHASE_GARAGE = 0, PHASE_GREEN = 5, PHASE_OVER = -1 };
enum class Flag : uint8_t { None, Yellow };

struct Version {
    uint32_t begin;
    uint32_t end;
};

struct Wheel {
    float temperature[3]; // inner, middle, outer [ UNITS = Celsius ]
    double pressure;      // cold (kPa)
};

#pragma pack(push, 1)
struct Tight {
    uint8_t a;
    uint32_t b;
    int64_t c;
};
#pragma pack(pop)

#pragma pack(push, 4)
struct Page : Version {
    int32_t id;
    double delta; // since the last update (s)
    char name[32]; // of the driver
    char teams[4][16];
    wchar_t track[33];
    Phase phase;
    Flag flag;
    bool valid;
    float matrix[2][3];
    Wheel wheels[4];
    Tight tight;
    union {
        uint32_t word;
        float number;
    };
    struct {
        int16_t x, y;
    } place;
    uint32_t pit : 1;
    uint32_t limiter : 1;
    uint32_t : 2;
    uint32_t lamps : 1;
    uint16_t low : 4;
    uint16_t high : 12;
    void *address;
    unsigned char raw[8];
    volatile int64_t last;
    static int shared;
};
#pragma pack(pop)
