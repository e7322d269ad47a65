#include "part_two.h"
