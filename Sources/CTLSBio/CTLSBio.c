#include "CTLSBio.h"
