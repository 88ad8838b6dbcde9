//! What is wanted against what we last wrote and what is there now: the action. Pure.
