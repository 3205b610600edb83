// SPDX-License-Identifier: Apache-2.0
// Writes the tables of Sources/PolicyEngine/Names/ConfusableTable.swift, and with an argument the fixture of their test.
//   cc generate.c -licui18n -licuuc && ./a.out > table.txt && ./a.out labels > labels.txt      (Debian: libicu-dev)
//
// A line for each prototype: its code points, `=`, then every code point with that skeleton, all in base 16. Taken are those
// that a label of IDNA can hold (UTS 46, without transition) except Hangul syllables; from skeletons combining marks are left
// out, so that they need no order, and ASCII letters are lower case, as host names are.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/uidna.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>

static USpoofChecker *spoof;
static UIDNA *idna;

static int isLabel(UChar32 point) {
    UErrorCode status = U_ZERO_ERROR;
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    UChar in[2], out[64];
    int32_t length = 0;
    U16_APPEND_UNSAFE(in, length, point);
    int32_t written = uidna_labelToUnicode(idna, in, length, out, 64, &info, &status);
    uint32_t grave = info.errors & ~(UIDNA_ERROR_LEADING_COMBINING_MARK | UIDNA_ERROR_BIDI | UIDNA_ERROR_CONTEXTJ
        | UIDNA_ERROR_CONTEXTO_PUNCTUATION | UIDNA_ERROR_CONTEXTO_DIGITS);
    return U_SUCCESS(status) && !grave && written == length && memcmp(in, out, length * sizeof(UChar)) == 0;
}

static int skeleton(const UChar *text, int32_t length, UChar32 *points) {
    UErrorCode status = U_ZERO_ERROR;
    UChar out[512];
    int32_t written = uspoof_getSkeleton(spoof, 0, text, length, out, 512, &status);
    int count = 0;
    for (int32_t index = 0; U_SUCCESS(status) && index < written;) {
        UChar32 point;
        U16_NEXT(out, index, written, point);
        if (u_getCombiningClass(point) != 0) continue;
        points[count++] = point >= 'A' && point <= 'Z' ? point | 0x20 : point;
    }
    return count;
}

static void labels(void) {
    srand(39);
    for (int line = 0; line < 400; line++) {
        UChar text[32];
        int32_t length = 0;
        while (length < 8) {
            UChar32 point = rand() % 3 ? 'a' + rand() % 26 : rand() % 4 ? rand() % 0x2000 : rand() % 0x20000;
            if (point < 0x80 && !(point >= 'a' && point <= 'z') && !(point >= '0' && point <= '9')) continue;
            if ((point >= 0xAC00 && point < 0xD7B0) || U_IS_SURROGATE(point) || !isLabel(point)) continue;
            U16_APPEND_UNSAFE(text, length, point);
        }
        for (int32_t index = 0; index < length;) {
            UChar32 point;
            U16_NEXT(text, index, length, point);
            printf("%x ", point);
        }
        printf("=");
        UChar32 points[512];
        int count = skeleton(text, length, points);
        for (int index = 0; index < count; index++) printf(" %x", points[index]);
        printf("\n");
    }
}

int main(int count, char **arguments) {
    UErrorCode status = U_ZERO_ERROR;
    spoof = uspoof_open(&status);
    idna = uidna_openUTS46(UIDNA_NONTRANSITIONAL_TO_UNICODE | UIDNA_USE_STD3_RULES, &status);
    if (U_FAILURE(status)) return 1;
    fprintf(stderr, "ICU %s, Unicode %s\n", U_ICU_VERSION, U_UNICODE_VERSION);
    if (count > 1) {
        labels();
        return 0;
    }
    for (UChar32 point = 0x80; point < 0x110000; point++) {
        if ((point >= 0xAC00 && point < 0xD7B0) || U_IS_SURROGATE(point) || !isLabel(point)) continue;
        if (u_getCombiningClass(point) != 0) continue;
        UChar text[2];
        int32_t length = 0;
        U16_APPEND_UNSAFE(text, length, point);
        UChar32 points[512];
        int size = skeleton(text, length, points);
        if (size == 1 && points[0] == point) continue;
        for (int index = 0; index < size; index++) printf("%s%x", index ? "+" : "", points[index]);
        printf("=%x\n", point);
    }
    return 0;
}
