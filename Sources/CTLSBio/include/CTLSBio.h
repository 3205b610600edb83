#ifndef ENTENTE_CTLSBIO_H
#define ENTENTE_CTLSBIO_H
#include <openssl/bio.h>
#endif
