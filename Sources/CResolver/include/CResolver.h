// SPDX-License-Identifier: Apache-2.0
//
// Addresses by getaddrinfo, SRV records by glibc's libresolv with a state of its own for each question: thread-safe.
// In C because the structures of sockets and of DNS messages reach Swift only in parts.
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
    ENT_DNS_NONE = -1,        // the name has no such record, or does not exist
    ENT_DNS_UNAVAILABLE = -2, // no answer, or the server failed: ask again later
    ENT_DNS_MALFORMED = -3,   // an answer that cannot be read strictly
    ENT_DNS_TOO_MANY = -4,    // more records than `capacity`
};

typedef struct ent_address {
    uint8_t family;    // 4 or 6
    uint8_t bytes[16]; // network order; the first four for family 4
} ent_address;

// Whom to ask instead of the system's name servers.
typedef struct ent_nameserver {
    uint8_t family;    // 4 or 6
    uint8_t bytes[16]; // network order; the first four for family 4
    uint16_t port;
} ent_nameserver;

// More are not asked.
#define ENT_NAMESERVERS 3

// Looks `host` up and writes at most `capacity` addresses to `out`, in the order to try; what is beyond is left out.
// `is_alias` becomes 1 when the resolver says that another name is the canonical one. Returns how many, or
// ENT_DNS_NONE or ENT_DNS_UNAVAILABLE. Blocks as long as the system's resolver is configured to.
int ent_lookup(const char *host, ent_address *out, int capacity, int *is_alias);

// The same by the A and AAAA records that these name servers have, and by nothing else: no hosts file, no search list,
// none of the system's name servers. Without servers it is ENT_DNS_UNAVAILABLE.
int ent_address_query(
    const char *host, ent_address *out, int capacity, int *is_alias, int timeout_seconds, int attempts,
    const ent_nameserver *servers, int server_count);

// Reads one answer message about the addresses of a family (4 or 6); `is_alias` becomes 1 when it names another name.
int ent_address_read(
    const char *name, int family, const uint8_t *message, int length, ent_address *out, int capacity, int *is_alias);

// Asks for the SRV records of `name` (taken as absolute) and writes at most `capacity` of them to `out`.
// Returns how many, or one of the codes above. Blocks at most about `timeout_seconds` * `attempts` for each name server.
// Without servers it asks the system's.
int ent_srv_query(
    const char *name, ent_srv *out, int capacity, int timeout_seconds, int attempts, const ent_nameserver *servers,
    int server_count);

// Reads one answer message; what `ent_srv_query` does after asking. Apart so that tests can feed it any bytes.
int ent_srv_read(const char *name, const uint8_t *message, int length, ent_srv *out, int capacity);

#endif
