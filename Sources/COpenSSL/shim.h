// Function-like macros of OpenSSL that Swift cannot import, as functions of the same meaning.
#ifndef ENTENTE_COPENSSL_SHIM_H
#define ENTENTE_COPENSSL_SHIM_H
#include <openssl/ssl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <openssl/pem.h>

static const uint64_t ent_op_no_renegotiation = SSL_OP_NO_RENEGOTIATION;
static const uint64_t ent_op_no_compression = SSL_OP_NO_COMPRESSION;
static const uint64_t ent_op_no_ticket = SSL_OP_NO_TICKET;
static const uint64_t ent_op_cipher_server_preference = SSL_OP_CIPHER_SERVER_PREFERENCE;

static inline long ent_SSL_CTX_set_min_proto_version(SSL_CTX *c, int v) { return SSL_CTX_set_min_proto_version(c, v); }
static inline long ent_SSL_CTX_set_max_proto_version(SSL_CTX *c, int v) { return SSL_CTX_set_max_proto_version(c, v); }
static inline long ent_SSL_CTX_set_release_buffers(SSL_CTX *c) {
    return SSL_CTX_set_mode(c, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}
static inline long ent_SSL_CTX_set_session_cache_mode(SSL_CTX *c, long m) { return SSL_CTX_set_session_cache_mode(c, m); }
static inline long ent_SSL_CTX_set1_groups_list(SSL_CTX *c, const char *l) { return SSL_CTX_set1_groups_list(c, l); }
static inline long ent_SSL_CTX_set_servername_cb(SSL_CTX *c, int (*f)(SSL *, int *, void *)) {
    return SSL_CTX_set_tlsext_servername_callback(c, f);
}
static inline long ent_SSL_CTX_set_ticket_keys(SSL_CTX *c, void *keys, size_t n) {
    return SSL_CTX_set_tlsext_ticket_keys(c, keys, (long)n);
}
static inline long ent_SSL_CTX_add1_chain_cert(SSL_CTX *c, X509 *x) { return SSL_CTX_add1_chain_cert(c, x); }
static inline long ent_SSL_set_tlsext_host_name(SSL *s, const char *n) { return SSL_set_tlsext_host_name(s, n); }
static inline int ent_SSL_get_negotiated_group(SSL *s) { return (int)SSL_get_negotiated_group(s); }
static inline int ent_SSL_set_owner(SSL *s, void *p) { return SSL_set_app_data(s, p); }
static inline void *ent_SSL_get_owner(const SSL *s) { return SSL_get_app_data(s); }
static inline int ent_SSL_CTX_set_owner(SSL_CTX *s, void *p) { return SSL_CTX_set_app_data(s, p); }
static inline void *ent_SSL_CTX_get_owner(const SSL_CTX *s) { return SSL_CTX_get_app_data(s); }
static const unsigned long ent_subject_flags = XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB;
static const int ent_mbstring_utf8 = MBSTRING_UTF8;
static inline void ent_OPENSSL_free(void *p) { OPENSSL_free(p); }
static inline int ent_EVP_PKEY_is_a_EC(const EVP_PKEY *k) { return EVP_PKEY_is_a(k, "EC"); }
static inline EVP_PKEY *ent_EVP_EC_gen(const char *curve) { return EVP_EC_gen(curve); }
static inline EVP_PKEY *ent_EVP_Ed25519_gen(void) { return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"); }
static inline EVP_PKEY *ent_EVP_RSA_gen(unsigned int bits) { return EVP_RSA_gen(bits); }
#endif
