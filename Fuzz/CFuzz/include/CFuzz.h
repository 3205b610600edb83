// libFuzzer's entry for programs that keep their own main.
#ifndef ENTENTE_CFUZZ_H
#define ENTENTE_CFUZZ_H
#include <stddef.h>
#include <stdint.h>
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *bytes, size_t count));
#endif
