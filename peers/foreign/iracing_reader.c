/* iracing_reader COUNT VARIABLE...: reads iRacing's newest row as its SDK does (irsdk_utils.cpp): waits for the event,
 * copies the buffer with the greatest tick, and looks at that tick again. */

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <string.h>

#include "sample.h"

enum { connected = 1, bytes_of_row = 4096 };

struct buffer {
    int tick, offset, pad[2];
};

struct header {
    int version, status, rate;
    int session_update, session_len, session_offset;
    int variable_count, variables_offset;
    int buffer_count, buffer_len, pad[2];
    struct buffer buffers[4];
};

struct variable {
    int type, offset, count;
    char as_time, pad[3];
    char name[32], description[64], unit[32];
};

static const char *region;
static volatile const struct header *header;
static char row[bytes_of_row];
static int last_tick = -1;

/* Whether there is a row that is newer than the last. */
static int get_new_data(void)
{
    if (!(header->status & connected)) {
        last_tick = -1;
        return 0;
    }
    int latest = 0;
    for (int i = 1; i < header->buffer_count; i++)
        if (header->buffers[latest].tick < header->buffers[i].tick)
            latest = i;
    if (last_tick >= header->buffers[latest].tick)
        return 0;
    for (int tries = 0; tries < 2; tries++) {
        int tick = header->buffers[latest].tick;
        memcpy(row, region + header->buffers[latest].offset, header->buffer_len);
        if (tick == header->buffers[latest].tick) {
            last_tick = tick;
            return 1;
        }
    }
    return 0;
}

static const struct variable *find(const char *name)
{
    const struct variable *all = (const struct variable *)(region + header->variables_offset);
    for (int i = 0; i < header->variable_count; i++)
        if (strncmp(all[i].name, name, sizeof all[i].name) == 0)
            return &all[i];
    return NULL;
}

static void print(const struct variable *variable)
{
    const char *at = row + variable->offset;
    switch (variable->type) {
    case 1:
        print_number(variable->name, *at);
        break;
    case 4: {
        float value;
        memcpy(&value, at, sizeof value);
        print_number(variable->name, value);
        break;
    }
    case 5: {
        double value;
        memcpy(&value, at, sizeof value);
        print_number(variable->name, value);
        break;
    }
    default: {
        int value;
        memcpy(&value, at, sizeof value);
        print_number(variable->name, value);
    }
    }
}

int main(int argc, char **argv)
{
    HANDLE mapping = OpenFileMappingA(FILE_MAP_READ, FALSE, "Local\\IRSDKMemMapFileName");
    if (mapping == NULL)
        return failed("OpenFileMappingA");
    region = (const char *)MapViewOfFile(mapping, FILE_MAP_READ, 0, 0, 0);
    if (region == NULL)
        return failed("MapViewOfFile");
    header = (volatile const struct header *)region;
    HANDLE event = OpenEventA(SYNCHRONIZE, FALSE, "Local\\IRSDKDataValidEvent");
    if (event == NULL)
        return failed("OpenEventA");
    if (header->buffer_len > bytes_of_row)
        return failed("a row that is too long");

    for (int i = 2; i < argc; i++)
        if (find(argv[i]) == NULL)
            return failed(argv[i]);
    int left = atoi(argv[1]);
    while (left > 0) {
        if (!get_new_data()) {
            WaitForSingleObject(event, 1000);
            continue;
        }
        for (int i = 2; i < argc; i++)
            print(find(argv[i]));
        end_sample();
        left--;
    }
    return 0;
}
