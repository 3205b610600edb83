// The C half of the TLS handlers: a BIO over memory the caller lends, and the few libcrypto calls that are
// macros or stacks all the way down.
#ifndef ENTENTE_CTLSBIO_H
#define ENTENTE_CTLSBIO_H
#include <stddef.h>
#include <stdint.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

// What libssl reads from and writes to. `in` and `out` are lent for the time of one libssl call; what does not fit
// `out` lands in `overflow`, which this owns and which never holds more than ENT_BIO_OVERFLOW_LIMIT bytes.
typedef struct ent_bio {
    const uint8_t *in;
    size_t in_len;
    uint8_t *out;
    size_t out_len, out_cap;
    uint8_t *overflow;
    size_t overflow_len, overflow_cap;
} ent_bio;

#define ENT_BIO_OVERFLOW_LIMIT ((size_t)1 << 20)

ent_bio *ent_bio_create(void);
void ent_bio_destroy(ent_bio *state);
// Frees what the overflow holds; its length is zero after.
void ent_bio_clear_overflow(ent_bio *state);
// Gives `ssl` a BIO over `state`, which must outlive it. 1 on success.
int ent_bio_attach(SSL *ssl, ent_bio *state);

// A password callback that has no password: an encrypted key fails instead of asking the terminal.
int ent_no_password(char *buffer, int size, int writing, void *context);

typedef void (*ent_name_visitor)(void *context, int type, const uint8_t *bytes, size_t count);
// Visits the subject alternative names that are DNS names (GEN_DNS) or addresses (GEN_IPADD).
void ent_x509_each_name(X509 *certificate, void *context, ent_name_visitor visit);

// Lists of general names for minting. Each returns 1 on success.
GENERAL_NAMES *ent_names_create(void);
void ent_names_destroy(GENERAL_NAMES *names);
int ent_names_add_dns(GENERAL_NAMES *names, const char *text, size_t count);
int ent_names_add_ip(GENERAL_NAMES *names, const char *text);
int ent_x509_add_alternative_names(X509 *certificate, GENERAL_NAMES *names);
// A critical name constraints extension that permits only these subtrees; no address at all if `forbid_addresses`.
int ent_x509_add_permitted_names(X509 *certificate, GENERAL_NAMES *names, int forbid_addresses);
// An extension in the syntax of x509v3_config(5); `value` must not come from outside.
int ent_x509_add_extension(X509 *certificate, X509 *issuer, int nid, const char *value);

STACK_OF(X509) *ent_chain_create(void);
int ent_chain_push(STACK_OF(X509) *chain, X509 *certificate);
void ent_chain_destroy(STACK_OF(X509) *chain);

// The first end of validity among the certificates of a verified chain, in seconds since 1970; -1 if there is none.
int64_t ent_ctx_chain_end(X509_STORE_CTX *context);

// Reads every certificate (and CRL) of a PEM bundle into `store`. Returns certificates read, or -1; `crls` is added to.
int ent_store_read(X509_STORE *store, BIO *source, int *crls);
// Names the certificates of a PEM bundle as the authorities a server asks client certificates of. 1 on success.
int ent_ctx_add_client_authorities(SSL_CTX *ctx, BIO *source);
#endif
