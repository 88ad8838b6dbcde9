//! Whose order is this, and what does a contact show. Pure.
