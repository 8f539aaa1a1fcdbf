/* What the programs print that read other programs' regions: a value a line, name=value in UTF-8, and an empty line after
 * each sample. */

#include <stdio.h>
#include <stdlib.h>

/* Text of the game, of at most this many characters. */
static inline void print_wide(const char *name, const wchar_t *text, int units)
{
    char utf8[4 * 256 + 1];
    int len = 0;
    while (len < units && text[len] != 0)
        len++;
    len = WideCharToMultiByte(CP_UTF8, 0, text, len, utf8, sizeof utf8 - 1, NULL, NULL);
    utf8[len] = 0;
    printf("%s=%s\n", name, utf8);
}

static inline void print_ansi(const char *name, const char *text, int size)
{
    wchar_t wide[256];
    int len = 0;
    while (len < size && text[len] != 0)
        len++;
    print_wide(name, wide, MultiByteToWideChar(CP_ACP, 0, text, len, wide, 256));
}

static inline void print_number(const char *name, double number)
{
    printf("%s=%.9g\n", name, number);
}

static inline void end_sample(void)
{
    printf("\n");
    fflush(stdout);
}

static inline int failed(const char *function)
{
    printf("failed %s %lu\n", function, GetLastError());
    return 1;
}

/* The program's only word: how many samples are to be printed. */
static inline int samples(int argc, char **argv)
{
    return argc == 2 ? atoi(argv[1]) : 1;
}
