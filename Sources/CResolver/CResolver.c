// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "CResolver.h"

#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#define ANSWER_BYTES 16384
#define ALIAS_LIMIT 8

// Copies `text` if it is made of letters, digits, `-`, `_` and `.` only: anything else (escapes of ns_name_uncompress
// among them) is no host name and must not reach a log or a lookup.
static int copy_host(char *to, size_t room, const char *text) {
    size_t length = strlen(text);
    if (length == 0 || length >= room) return -1;
    if (length > 1 && text[length - 1] == '.') length -= 1;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        int ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
        if (!ok) return -1;
    }
    memcpy(to, text, length);
    to[length] = 0;
    return 0;
}

static int same_name(const char *a, const char *b) {
    size_t m = strlen(a), n = strlen(b);
    if (m > 1 && a[m - 1] == '.') m -= 1;
    if (n > 1 && b[n - 1] == '.') n -= 1;
    return m == n && strncasecmp(a, b, m) == 0;
}

int ent_lookup(const char *host, ent_address *out, int capacity, int *is_alias) {
    struct addrinfo hints;
    struct addrinfo *list = NULL;
    memset(&hints, 0, sizeof hints);
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_CANONNAME | AI_ADDRCONFIG;
    *is_alias = 0;
    int status = getaddrinfo(host, NULL, &hints, &list);
    if (status == EAI_NONAME || status == EAI_NODATA || status == EAI_ADDRFAMILY) return ENT_DNS_NONE;
    if (status != 0) return ENT_DNS_UNAVAILABLE;
    if (list != NULL && list->ai_canonname != NULL) *is_alias = !same_name(list->ai_canonname, host);
    int count = 0;
    for (struct addrinfo *entry = list; entry != NULL && count < capacity; entry = entry->ai_next) {
        if (entry->ai_family == AF_INET) {
            out[count].family = 4;
            memcpy(out[count].bytes, &((struct sockaddr_in *)entry->ai_addr)->sin_addr, 4);
            count += 1;
        } else if (entry->ai_family == AF_INET6) {
            out[count].family = 6;
            memcpy(out[count].bytes, &((struct sockaddr_in6 *)entry->ai_addr)->sin6_addr, 16);
            count += 1;
        }
    }
    freeaddrinfo(list);
    return count == 0 ? ENT_DNS_NONE : count;
}

int ent_srv_read(const char *name, const uint8_t *message, int length, ent_srv *out, int capacity) {
    ns_msg msg;
    if (length < NS_HFIXEDSZ || ns_initparse(message, length, &msg) != 0) return ENT_DNS_MALFORMED;
    if (ns_msg_getflag(msg, ns_f_qr) != 1 || ns_msg_getflag(msg, ns_f_tc) != 0) return ENT_DNS_MALFORMED;
    if (ns_msg_getflag(msg, ns_f_rcode) == ns_r_nxdomain) return ENT_DNS_NONE;
    if (ns_msg_getflag(msg, ns_f_rcode) != ns_r_noerror) return ENT_DNS_UNAVAILABLE;
    if (ns_msg_count(msg, ns_s_qd) != 1) return ENT_DNS_MALFORMED;

    ns_rr rr;
    if (ns_parserr(&msg, ns_s_qd, 0, &rr) != 0) return ENT_DNS_MALFORMED;
    if (!same_name(ns_rr_name(rr), name) || ns_rr_type(rr) != ns_t_srv || ns_rr_class(rr) != ns_c_in)
        return ENT_DNS_MALFORMED;

    // The owner itself may be an alias; records must belong to the end of that chain.
    char owner[NS_MAXDNAME];
    if (strlen(name) >= sizeof owner) return ENT_DNS_MALFORMED;
    strcpy(owner, name);
    int records = ns_msg_count(msg, ns_s_an);
    int aliases = 0;
    int count = 0;
    for (int i = 0; i < records; i++) {
        if (ns_parserr(&msg, ns_s_an, i, &rr) != 0) return ENT_DNS_MALFORMED;
        if (ns_rr_class(rr) != ns_c_in || !same_name(ns_rr_name(rr), owner)) continue;
        if (ns_rr_type(rr) == ns_t_cname) {
            if (count > 0 || ++aliases > ALIAS_LIMIT) return ENT_DNS_MALFORMED;
            if (ns_name_uncompress(message, message + length, ns_rr_rdata(rr), owner, sizeof owner) < 0)
                return ENT_DNS_MALFORMED;
            continue;
        }
        if (ns_rr_type(rr) != ns_t_srv) continue;
        if (ns_rr_rdlen(rr) < 7) return ENT_DNS_MALFORMED;
        if (count == capacity) return ENT_DNS_TOO_MANY;
        const uint8_t *data = ns_rr_rdata(rr);
        char target[NS_MAXDNAME];
        int used = ns_name_uncompress(message, message + length, data + 6, target, sizeof target);
        if (used < 0 || used != ns_rr_rdlen(rr) - 6) return ENT_DNS_MALFORMED;
        out[count].priority = (uint16_t)(data[0] << 8 | data[1]);
        out[count].weight = (uint16_t)(data[2] << 8 | data[3]);
        out[count].port = (uint16_t)(data[4] << 8 | data[5]);
        const char *text = target[0] == 0 ? "." : target;
        if (copy_host(out[count].target, sizeof out[count].target, text) != 0) return ENT_DNS_MALFORMED;
        count += 1;
    }
    return count == 0 ? ENT_DNS_NONE : count;
}

int ent_srv_query(const char *name, ent_srv *out, int capacity, int timeout_seconds, int attempts) {
    struct __res_state state;
    memset(&state, 0, sizeof state);
    if (res_ninit(&state) != 0) return ENT_DNS_UNAVAILABLE;
    state.retrans = timeout_seconds;
    state.retry = attempts;
    uint8_t answer[ANSWER_BYTES];
    // res_nquery takes the name as absolute: no search list.
    int length = res_nquery(&state, name, ns_c_in, ns_t_srv, answer, sizeof answer);
    int failure = state.res_h_errno;
    res_nclose(&state);
    if (length < 0) return failure == HOST_NOT_FOUND || failure == NO_DATA ? ENT_DNS_NONE : ENT_DNS_UNAVAILABLE;
    if (length > (int)sizeof answer) return ENT_DNS_TOO_MANY;
    return ent_srv_read(name, answer, length, out, capacity);
}
