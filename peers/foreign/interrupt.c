/* interrupt PROGRAM ARGUMENTS…: runs a program as the shell of a console does, and interrupts it.
 *
 * The program shares our console, which we must have, and our output. A line on stdin, or the end of the input, is Ctrl-Break for the program: Ctrl-C is
 * off in the process groups that CREATE_NEW_PROCESS_GROUP makes, and without one it would interrupt us as well. Prints
 * "ended" and the program's exit code.
 */

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <stdio.h>

/* The command line after its first word, which is our own name. */
static wchar_t *rest(wchar_t *line)
{
    wchar_t end = *line == L'"' ? L'"' : L' ';
    line += end == L'"';
    while (*line != 0 && *line != end)
        line++;
    while (*line == L'"' || *line == L' ')
        line++;
    return line;
}

int main(void)
{
    STARTUPINFOW start = { .cb = sizeof start, .dwFlags = STARTF_USESTDHANDLES };
    start.hStdInput = GetStdHandle(STD_INPUT_HANDLE);
    start.hStdOutput = GetStdHandle(STD_OUTPUT_HANDLE);
    start.hStdError = GetStdHandle(STD_ERROR_HANDLE);
    PROCESS_INFORMATION process;
    if (!CreateProcessW(NULL, rest(GetCommandLineW()), NULL, NULL, TRUE, CREATE_NEW_PROCESS_GROUP, NULL, NULL,
                        &start, &process)) {
        printf("failed CreateProcessW %lu\n", GetLastError());
        return 1;
    }

    char line[64];
    (void)fgets(line, sizeof line, stdin);
    if (!GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, process.dwProcessId)) {
        printf("failed GenerateConsoleCtrlEvent %lu\n", GetLastError());
        fflush(stdout);
        TerminateProcess(process.hProcess, 99);
    }
    WaitForSingleObject(process.hProcess, INFINITE);
    DWORD code;
    GetExitCodeProcess(process.hProcess, &code);
    printf("ended %lu\n", code);
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);
    return 0;
}
