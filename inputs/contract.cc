#include "inputs/input.h"
