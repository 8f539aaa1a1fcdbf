/* mutex NAME: holds a mutex, an object of another kind than shared memory, under the name.
 *
 * Prints "ready", then waits for a line on stdin, or the end of the input.
 */

#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#include <shellapi.h>

#include <stdio.h>

int main(void)
{
    int argc;
    wchar_t **argv = CommandLineToArgvW(GetCommandLineW(), &argc);
    if (argv == NULL || argc != 2) {
        fprintf(stderr, "usage: mutex NAME\n");
        return 2;
    }

    HANDLE mutex = CreateMutexW(NULL, TRUE, argv[1]);
    if (mutex == NULL) {
        printf("failed CreateMutexW %lu\n", GetLastError());
        return 1;
    }
    puts("ready");
    fflush(stdout);

    char line[64];
    (void)fgets(line, sizeof line, stdin);

    ReleaseMutex(mutex);
    CloseHandle(mutex);
    LocalFree(argv);
    return 0;
}
