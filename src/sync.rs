//! One run: pull, then push. The only module that knows all stages.
