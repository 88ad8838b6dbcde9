//! What is remembered between runs: `state.db` and the spool.
