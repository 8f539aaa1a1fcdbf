/* reader NAME: opens the region for reading only.
 *
 * Prints "ready", then obeys lines on stdin: "get" prints the fields, "offsets" where they lie;
 * "quit", or the end of the input, ends it.
 */

#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#include <shellapi.h>

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
        fprintf(stderr, "usage: reader NAME\n");
        return 2;
    }

    HANDLE mapping = OpenFileMappingW(FILE_MAP_READ, FALSE, argv[1]);
    if (mapping == NULL)
        return failed("OpenFileMappingW");

    const struct telemetry *shared =
        (const struct telemetry *)MapViewOfFile(mapping, FILE_MAP_READ, 0, 0, sizeof(struct telemetry));
    if (shared == NULL)
        return failed("MapViewOfFile");
    say("ready");

    char line[64];
    while (fgets(line, sizeof line, stdin) != NULL && strncmp(line, "quit", 4) != 0) {
        if (strncmp(line, "get", 3) == 0)
            telemetry_print(shared);
        else if (strncmp(line, "offsets", 7) == 0)
            telemetry_print_offsets();
    }

    UnmapViewOfFile(shared);
    CloseHandle(mapping);
    LocalFree(argv);
    return 0;
}
