#pragma once

// Whether this is built with a sanitizer that slows everything down.
#if defined(__has_feature)
#define ACTA_HAS_FEATURE(name) __has_feature(name)
#else
#define ACTA_HAS_FEATURE(name) 0
#endif
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__) || ACTA_HAS_FEATURE(address_sanitizer) || \
    ACTA_HAS_FEATURE(thread_sanitizer)
#define ACTA_SANITIZED 1
#else
#define ACTA_SANITIZED 0
#endif
