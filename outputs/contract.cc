#include "outputs/output.h"
