// Function-like macros of OpenSSL that Swift cannot import, as functions of the same meaning.
#ifndef ENTENTE_COPENSSL_SHIM_H
#define ENTENTE_COPENSSL_SHIM_H
#include <openssl/ssl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <openssl/pem.h>
#endif
