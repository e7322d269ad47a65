#include <foreign.h>
