//! A small simulated shop behind real HTTP, for `demo` and for the tests.
