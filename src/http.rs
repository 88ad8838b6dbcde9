//! The HTTP client that every outside service is reached through.
