// SPDX-License-Identifier: Apache-2.0
//
// SRV records by the system's resolver (glibc's libresolv), with a state of its own for each question: thread-safe.
#ifndef ENTENTE_CRESOLVER_H
#define ENTENTE_CRESOLVER_H

#include <stdint.h>

#define ENT_SRV_TARGET_BYTES 256

typedef struct ent_srv {
    uint16_t priority;
    uint16_t weight;
    uint16_t port;
    char target[ENT_SRV_TARGET_BYTES]; // NUL-terminated presentation form without the trailing dot; "." for the root
} ent_srv;

enum {
    ENT_SRV_NONE = -1,        // the name has no such record, or does not exist
    ENT_SRV_UNAVAILABLE = -2, // no answer, or the server failed: ask again later
    ENT_SRV_MALFORMED = -3,   // an answer that cannot be read strictly
    ENT_SRV_TOO_MANY = -4,    // more records than `capacity`
};

// Asks for the SRV records of `name` (taken as absolute) and writes at most `capacity` of them to `out`.
// Returns how many, or one of the codes above. Blocks at most about `timeout_seconds` * `attempts` for each name server.
int ent_srv_query(const char *name, ent_srv *out, int capacity, int timeout_seconds, int attempts);

// Reads one answer message; what `ent_srv_query` does after asking. Apart so that tests can feed it any bytes.
int ent_srv_read(const char *name, const uint8_t *message, int length, ent_srv *out, int capacity);

#endif
