//! One file per command.

pub mod init;
