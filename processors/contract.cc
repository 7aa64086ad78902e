#include "processors/decoder.h"
#include "processors/processor.h"
