/* Wine 8 lacks bcryptprimitives.dll, from which Rust's std takes the seeds of
 * its hash maps. Windows' ProcessPrng cannot fail and always returns TRUE. */

#include <windows.h>

/* The documented name of RtlGenRandom. */
BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG length);

BOOL WINAPI ProcessPrng(PBYTE buffer, SIZE_T length)
{
    while (length > 0) {
        ULONG part = length > 0x10000000 ? 0x10000000 : (ULONG)length;

        if (!SystemFunction036(buffer, part))
            TerminateProcess(GetCurrentProcess(), 1);
        buffer += part;
        length -= part;
    }
    return TRUE;
}
