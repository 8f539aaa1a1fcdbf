/* interrupt PROGRAM ARGUMENTS…: runs a program in a console of its own, and presses Ctrl-C there.
 *
 * The program has our output. The keys are pressed at a line on stdin, or the end of the input. Prints "ended" and the
 * program's exit code.
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
    FreeConsole();
    if (!AllocConsole()) {
        printf("failed AllocConsole %lu\n", GetLastError());
        return 1;
    }
    PROCESS_INFORMATION process;
    if (!CreateProcessW(NULL, rest(GetCommandLineW()), NULL, NULL, TRUE, 0, NULL, NULL, &start, &process)) {
        printf("failed CreateProcessW %lu\n", GetLastError());
        return 1;
    }

    char line[64];
    (void)fgets(line, sizeof line, stdin);
    /* Not before: the program would inherit it. */
    SetConsoleCtrlHandler(NULL, TRUE);
    if (!GenerateConsoleCtrlEvent(CTRL_C_EVENT, 0)) {
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
