#pragma once

// The low-level SHA-256 calls are deprecated in OpenSSL 3 and twice as fast as EVP on short inputs.
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/bio.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

/// A fresh key of `type` ("ED25519", "EC", "SM2"); `curve` is read for "EC" only. Swift imports no variadic functions.
static inline EVP_PKEY *cairn_generate_key(const char *type, const char *curve) {
  return EVP_PKEY_Q_keygen(NULL, NULL, type, curve);
}

/// The bytes a memory BIO holds, valid until it is written to or freed. `BIO_get_mem_data` is a macro.
static inline long cairn_memory_bytes(BIO *bio, char **bytes) {
  return BIO_get_mem_data(bio, bytes);
}
