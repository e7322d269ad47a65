#include "low.h"
#  include <family/other.h>
