#include <sys/socket.h>
#include <shared.h>
#include "low.h"
