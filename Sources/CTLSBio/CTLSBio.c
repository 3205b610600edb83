// SPDX-License-Identifier: Apache-2.0
#include "CTLSBio.h"
#include <limits.h>
#include <string.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>

ent_bio *ent_bio_create(void) { return OPENSSL_zalloc(sizeof(ent_bio)); }

void ent_bio_clear_overflow(ent_bio *state) {
    OPENSSL_free(state->overflow);
    state->overflow = NULL;
    state->overflow_len = state->overflow_cap = 0;
}

void ent_bio_destroy(ent_bio *state) {
    if (!state) return;
    ent_bio_clear_overflow(state);
    OPENSSL_free(state);
}

static int bio_read(BIO *bio, char *destination, int wanted) {
    ent_bio *state = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (!state || wanted <= 0) return 0;
    if (!state->in_len) {
        BIO_set_retry_read(bio);
        return -1;
    }
    size_t count = (size_t)wanted < state->in_len ? (size_t)wanted : state->in_len;
    memcpy(destination, state->in, count);
    state->in += count;
    state->in_len -= count;
    return (int)count;
}

static int bio_write(BIO *bio, const char *source, int offered) {
    ent_bio *state = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (!state || offered <= 0) return 0;
    size_t count = (size_t)offered;
    // Once something overflowed everything after it must too, or records would change places.
    if (!state->overflow_len && state->out_cap - state->out_len >= count) {
        memcpy(state->out + state->out_len, source, count);
        state->out_len += count;
        return offered;
    }
    if (count > ENT_BIO_OVERFLOW_LIMIT - state->overflow_len) return -1;
    size_t needed = state->overflow_len + count;
    if (needed > state->overflow_cap) {
        size_t capacity = state->overflow_cap ? state->overflow_cap : 1024;
        while (capacity < needed) capacity *= 2;
        uint8_t *grown = OPENSSL_realloc(state->overflow, capacity);
        if (!grown) return -1;
        state->overflow = grown;
        state->overflow_cap = capacity;
    }
    memcpy(state->overflow + state->overflow_len, source, count);
    state->overflow_len = needed;
    return offered;
}

static long bio_control(BIO *bio, int command, long number, void *pointer) {
    (void)bio;
    (void)number;
    (void)pointer;
    return command == BIO_CTRL_FLUSH || command == BIO_CTRL_DUP;
}

static int bio_create(BIO *bio) {
    BIO_set_init(bio, 1);
    return 1;
}

static int bio_destroy(BIO *bio) {
    (void)bio;
    return 1;
}

static CRYPTO_ONCE method_once = CRYPTO_ONCE_STATIC_INIT;
static BIO_METHOD *method;

static void make_method(void) {
    BIO_METHOD *made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "lent memory");
    if (!made) return;
    if (BIO_meth_set_read(made, bio_read) && BIO_meth_set_write(made, bio_write) &&
        BIO_meth_set_ctrl(made, bio_control) && BIO_meth_set_create(made, bio_create) &&
        BIO_meth_set_destroy(made, bio_destroy))
        method = made;
    else
        BIO_meth_free(made);
}

int ent_bio_attach(SSL *ssl, ent_bio *state) {
    if (!CRYPTO_THREAD_run_once(&method_once, make_method) || !method) return 0;
    BIO *bio = BIO_new(method);
    if (!bio) return 0;
    BIO_set_data(bio, state);
    SSL_set_bio(ssl, bio, bio);
    return 1;
}
