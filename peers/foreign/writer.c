/* writer NAME: creates the region, or opens the one there is, and publishes in it.
 *
 * Prints "ready created" (and has published tick 1) or "ready opened" (and has written nothing),
 * then obeys lines on stdin: "set N" publishes tick N and prints "done"; "quit", or the end of
 * the input, ends it.
 */

#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#include <shellapi.h>

#include <stdlib.h>
#include <string.h>

#include "telemetry.h"

static int failed(const char *function)
{
    printf("failed %s %lu\n", function, GetLastError());
    return 1;
}

int main(void)
{
    int argc;
    wchar_t **argv = CommandLineToArgvW(GetCommandLineW(), &argc);
    if (argv == NULL || argc != 2) {
        fprintf(stderr, "usage: writer NAME\n");
        return 2;
    }

    HANDLE mapping = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0,
                                        sizeof(struct telemetry), argv[1]);
    DWORD error = GetLastError();
    if (mapping == NULL)
        return failed("CreateFileMappingW");

    struct telemetry *shared = (struct telemetry *)MapViewOfFile(mapping, FILE_MAP_ALL_ACCESS, 0, 0,
                                                                 sizeof(struct telemetry));
    if (shared == NULL)
        return failed("MapViewOfFile");

    if (error == ERROR_ALREADY_EXISTS) {
        say("ready opened");
    } else {
        telemetry_fill(shared, 1);
        say("ready created");
    }

    char line[64];
    while (fgets(line, sizeof line, stdin) != NULL && strncmp(line, "quit", 4) != 0) {
        if (strncmp(line, "set ", 4) == 0) {
            telemetry_fill(shared, (uint32_t)strtoul(line + 4, NULL, 10));
            say("done");
        }
    }

    UnmapViewOfFile(shared);
    CloseHandle(mapping);
    LocalFree(argv);
    return 0;
}
