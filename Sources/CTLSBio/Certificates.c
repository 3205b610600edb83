// SPDX-License-Identifier: Apache-2.0
#include "CTLSBio.h"
#include <limits.h>
#include <time.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

int ent_no_password(char *buffer, int size, int writing, void *context) {
    (void)buffer;
    (void)size;
    (void)writing;
    (void)context;
    return -1;
}

void ent_x509_each_name(X509 *certificate, void *context, ent_name_visitor visit) {
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        int type = 0;
        const ASN1_STRING *value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, i), &type);
        if (type == GEN_DNS || type == GEN_IPADD)
            visit(context, type, ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value));
    }
    GENERAL_NAMES_free(names);
}

GENERAL_NAMES *ent_names_create(void) { return GENERAL_NAMES_new(); }
void ent_names_destroy(GENERAL_NAMES *names) { GENERAL_NAMES_free(names); }

static int push(GENERAL_NAMES *names, int type, ASN1_STRING *value) {
    GENERAL_NAME *name = value ? GENERAL_NAME_new() : NULL;
    if (!name) {
        ASN1_STRING_free(value);
        return 0;
    }
    GENERAL_NAME_set0_value(name, type, value);
    if (sk_GENERAL_NAME_push(names, name) > 0) return 1;
    GENERAL_NAME_free(name);
    return 0;
}

int ent_names_add_dns(GENERAL_NAMES *names, const char *text, size_t count) {
    ASN1_IA5STRING *value = count <= 255 ? ASN1_IA5STRING_new() : NULL;
    if (!value) return 0;
    if (!ASN1_STRING_set(value, text, (int)count)) {
        ASN1_IA5STRING_free(value);
        return 0;
    }
    return push(names, GEN_DNS, value);
}

int ent_names_add_ip(GENERAL_NAMES *names, const char *text) { return push(names, GEN_IPADD, a2i_IPADDRESS(text)); }

int ent_x509_add_alternative_names(X509 *certificate, GENERAL_NAMES *names) {
    return X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, X509V3_ADD_REPLACE) == 1;
}

// Moves every name of `names` into new subtrees of `*list`.
static int add_subtrees(STACK_OF(GENERAL_SUBTREE) **list, GENERAL_NAMES *names) {
    if (!*list && !(*list = sk_GENERAL_SUBTREE_new_null())) return 0;
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        GENERAL_SUBTREE *subtree = GENERAL_SUBTREE_new();
        if (!subtree) return 0;
        GENERAL_NAME_free(subtree->base);
        subtree->base = GENERAL_NAME_dup(sk_GENERAL_NAME_value(names, i));
        if (!subtree->base || sk_GENERAL_SUBTREE_push(*list, subtree) <= 0) {
            GENERAL_SUBTREE_free(subtree);
            return 0;
        }
    }
    return 1;
}

// Address subtrees are address and mask (RFC 5280, 4.2.1.10): all zero is every address.
static int add_every_address(STACK_OF(GENERAL_SUBTREE) **list) {
    static const unsigned char zero[32] = {0};
    static const int lengths[2] = {8, 32};
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    int done = names != NULL;
    for (int i = 0; done && i < 2; i++) {
        ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
        done = value && ASN1_OCTET_STRING_set(value, zero, lengths[i]);
        if (!done)
            ASN1_OCTET_STRING_free(value);
        else
            done = push(names, GEN_IPADD, value);
    }
    done = done && add_subtrees(list, names);
    GENERAL_NAMES_free(names);
    return done;
}

int ent_x509_add_permitted_names(X509 *certificate, GENERAL_NAMES *names, int forbid_addresses) {
    NAME_CONSTRAINTS *constraints = NAME_CONSTRAINTS_new();
    int done = constraints && add_subtrees(&constraints->permittedSubtrees, names) &&
               (!forbid_addresses || add_every_address(&constraints->excludedSubtrees)) &&
               X509_add1_ext_i2d(certificate, NID_name_constraints, constraints, 1, X509V3_ADD_REPLACE) == 1;
    NAME_CONSTRAINTS_free(constraints);
    return done;
}

int ent_x509_add_extension(X509 *certificate, X509 *issuer, int nid, const char *value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    int done = extension && X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    return done;
}

STACK_OF(X509) *ent_chain_create(void) { return sk_X509_new_null(); }

int ent_chain_push(STACK_OF(X509) *chain, X509 *certificate) {
    if (!X509_up_ref(certificate)) return 0;
    if (sk_X509_push(chain, certificate) > 0) return 1;
    X509_free(certificate);
    return 0;
}

void ent_chain_destroy(STACK_OF(X509) *chain) { sk_X509_pop_free(chain, X509_free); }

int ent_store_read(X509_STORE *store, BIO *source, int *crls) {
    STACK_OF(X509_INFO) *entries = PEM_X509_INFO_read_bio(source, NULL, ent_no_password, NULL);
    if (!entries) return -1;
    int certificates = 0;
    for (int i = 0; i < sk_X509_INFO_num(entries); i++) {
        X509_INFO *entry = sk_X509_INFO_value(entries, i);
        if (entry->x509) {
            if (!X509_STORE_add_cert(store, entry->x509)) { certificates = -1; break; }
            certificates++;
        }
        if (entry->crl) {
            if (!X509_STORE_add_crl(store, entry->crl)) { certificates = -1; break; }
            *crls += 1;
        }
    }
    sk_X509_INFO_pop_free(entries, X509_INFO_free);
    return certificates;
}

int ent_ctx_add_client_authorities(SSL_CTX *ctx, BIO *source) {
    STACK_OF(X509_INFO) *entries = PEM_X509_INFO_read_bio(source, NULL, ent_no_password, NULL);
    if (!entries) return 0;
    int done = 1;
    for (int i = 0; done && i < sk_X509_INFO_num(entries); i++) {
        X509_INFO *entry = sk_X509_INFO_value(entries, i);
        if (entry->x509) done = SSL_CTX_add_client_CA(ctx, entry->x509);
    }
    sk_X509_INFO_pop_free(entries, X509_INFO_free);
    return done;
}

int64_t ent_ctx_chain_end(X509_STORE_CTX *context) {
    STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(context);
    int64_t end = -1;
    for (int i = 0; i < sk_X509_num(chain); i++) {
        struct tm parts = {0};
        if (!ASN1_TIME_to_tm(X509_get0_notAfter(sk_X509_value(chain, i)), &parts)) return -1;
        int64_t at = (int64_t)timegm(&parts);
        if (end < 0 || at < end) end = at;
    }
    return end;
}
