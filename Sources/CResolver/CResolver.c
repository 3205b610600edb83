// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "CResolver.h"

#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdlib.h>
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

// Reads the head and the one question; the same for every kind of answer. 0, or one of the codes.
static int open_answer(ns_msg *msg, const char *name, int type, const uint8_t *message, int length) {
    if (length < NS_HFIXEDSZ || ns_initparse(message, length, msg) != 0) return ENT_DNS_MALFORMED;
    if (ns_msg_getflag(*msg, ns_f_qr) != 1 || ns_msg_getflag(*msg, ns_f_tc) != 0) return ENT_DNS_MALFORMED;
    if (ns_msg_getflag(*msg, ns_f_rcode) == ns_r_nxdomain) return ENT_DNS_NONE;
    if (ns_msg_getflag(*msg, ns_f_rcode) != ns_r_noerror) return ENT_DNS_UNAVAILABLE;
    if (ns_msg_count(*msg, ns_s_qd) != 1) return ENT_DNS_MALFORMED;
    ns_rr rr;
    if (ns_parserr(msg, ns_s_qd, 0, &rr) != 0) return ENT_DNS_MALFORMED;
    if (!same_name(ns_rr_name(rr), name) || (int)ns_rr_type(rr) != type || ns_rr_class(rr) != ns_c_in)
        return ENT_DNS_MALFORMED;
    return 0;
}

int ent_address_read(
    const char *name, int family, const uint8_t *message, int length, ent_address *out, int capacity, int *is_alias
) {
    int type = family == 4 ? ns_t_a : ns_t_aaaa;
    int size = family == 4 ? 4 : 16;
    ns_msg msg;
    int code = open_answer(&msg, name, type, message, length);
    if (code != 0) return code;
    char owner[NS_MAXDNAME];
    if (strlen(name) >= sizeof owner) return ENT_DNS_MALFORMED;
    strcpy(owner, name);
    int records = ns_msg_count(msg, ns_s_an);
    int aliases = 0;
    int count = 0;
    ns_rr rr;
    for (int i = 0; i < records; i++) {
        if (ns_parserr(&msg, ns_s_an, i, &rr) != 0) return ENT_DNS_MALFORMED;
        if (ns_rr_class(rr) != ns_c_in || !same_name(ns_rr_name(rr), owner)) continue;
        if (ns_rr_type(rr) == ns_t_cname) {
            if (count > 0 || ++aliases > ALIAS_LIMIT) return ENT_DNS_MALFORMED;
            if (ns_name_uncompress(message, message + length, ns_rr_rdata(rr), owner, sizeof owner) < 0)
                return ENT_DNS_MALFORMED;
            *is_alias = 1;
            continue;
        }
        if ((int)ns_rr_type(rr) != type) continue;
        if (ns_rr_rdlen(rr) != size) return ENT_DNS_MALFORMED;
        if (count == capacity) break;
        memset(&out[count], 0, sizeof out[count]);
        out[count].family = (uint8_t)family;
        memcpy(out[count].bytes, ns_rr_rdata(rr), (size_t)size);
        count += 1;
    }
    return count == 0 ? ENT_DNS_NONE : count;
}

// Puts `servers` in the place of the system's: none of those is asked any more. 0 on success.
static int use_servers(struct __res_state *state, const ent_nameserver *servers, int count) {
    if (count < 1 || count > MAXNS) return -1;
    for (int i = 0; i < count; i++) {
        struct sockaddr_in6 *place = state->_u._ext.nsaddrs[i];
        // Freed by res_nclose, as those that res_ninit makes.
        if (place == NULL) place = malloc(sizeof *place);
        if (place == NULL) return -1;
        state->_u._ext.nsaddrs[i] = place;
        memset(place, 0, sizeof *place);
        memset(&state->nsaddr_list[i], 0, sizeof state->nsaddr_list[i]);
        if (servers[i].family == 4) {
            struct sockaddr_in address;
            memset(&address, 0, sizeof address);
            address.sin_family = AF_INET;
            address.sin_port = htons(servers[i].port);
            memcpy(&address.sin_addr, servers[i].bytes, 4);
            state->nsaddr_list[i] = address;
            memcpy(place, &address, sizeof address);
        } else {
            // A family of 0 in the old list sends the library to the other one.
            place->sin6_family = AF_INET6;
            place->sin6_port = htons(servers[i].port);
            memcpy(&place->sin6_addr, servers[i].bytes, 16);
        }
    }
    state->nscount = count;
    state->_u._ext.nscount = 0;
    return 0;
}

// Asks one question; the answer's length, or one of the codes. No servers: the system's.
static int ask(
    const char *name, int type, uint8_t *answer, int timeout_seconds, int attempts, const ent_nameserver *servers,
    int server_count
) {
    struct __res_state state;
    memset(&state, 0, sizeof state);
    if (res_ninit(&state) != 0) return ENT_DNS_UNAVAILABLE;
    if (server_count > 0 && use_servers(&state, servers, server_count) != 0) {
        res_nclose(&state);
        return ENT_DNS_UNAVAILABLE;
    }
    state.retrans = timeout_seconds;
    state.retry = attempts;
    // res_nquery takes the name as absolute: no search list.
    int length = res_nquery(&state, name, ns_c_in, type, answer, ANSWER_BYTES);
    int failure = state.res_h_errno;
    res_nclose(&state);
    if (length < 0) return failure == HOST_NOT_FOUND || failure == NO_DATA ? ENT_DNS_NONE : ENT_DNS_UNAVAILABLE;
    return length > ANSWER_BYTES ? ENT_DNS_TOO_MANY : length;
}

int ent_address_query(
    const char *host, ent_address *out, int capacity, int *is_alias, int timeout_seconds, int attempts,
    const ent_nameserver *servers, int server_count
) {
    *is_alias = 0;
    if (server_count < 1) return ENT_DNS_UNAVAILABLE;
    uint8_t answer[ANSWER_BYTES];
    int count = 0;
    int failure = ENT_DNS_NONE;
    for (int family = 4; family <= 6; family += 2) {
        int length = ask(host, family == 4 ? ns_t_a : ns_t_aaaa, answer, timeout_seconds, attempts, servers, server_count);
        int found = length < 0
            ? length : ent_address_read(host, family, answer, length, out + count, capacity - count, is_alias);
        if (found == ENT_DNS_MALFORMED || found == ENT_DNS_TOO_MANY) return ENT_DNS_MALFORMED;
        if (found > 0) count += found;
        else if (found == ENT_DNS_UNAVAILABLE) failure = found;
    }
    return count > 0 ? count : failure;
}

int ent_srv_read(const char *name, const uint8_t *message, int length, ent_srv *out, int capacity) {
    ns_msg msg;
    int code = open_answer(&msg, name, ns_t_srv, message, length);
    if (code != 0) return code;

    ns_rr rr;
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

int ent_srv_query(
    const char *name, ent_srv *out, int capacity, int timeout_seconds, int attempts, const ent_nameserver *servers,
    int server_count
) {
    uint8_t answer[ANSWER_BYTES];
    int length = ask(name, ns_t_srv, answer, timeout_seconds, attempts, servers, server_count);
    return length < 0 ? length : ent_srv_read(name, answer, length, out, capacity);
}
