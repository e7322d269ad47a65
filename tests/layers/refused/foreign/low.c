#include <foreign.h>
#include <family/part.h>
#include "low.h"
