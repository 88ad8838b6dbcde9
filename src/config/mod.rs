//! Load and check the configuration; composes each module's own settings.
