//! The table of contents, `src/lib.rs`, as a person reads it: the picture, then the modules in groups.

use std::path::Path;

/// The groups, in the order in which they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// What the stages share.
    Shared,
    /// The stages.
    Stage,
    /// A run, and what starts it.
    Above,
}

/// What `src/lib.rs` says.
#[derive(Debug)]
pub struct Contents {
    listed: Vec<(String, Group)>,
    /// The modules in the first line of the picture.
    pub picture: Vec<String>,
}

impl Contents {
    /// Reads it; each comment above `pub mod` lines begins a group.
    pub fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap();
        let groups = [Group::Shared, Group::Stage, Group::Above];
        let mut began = 0;
        let mut listed = Vec::new();
        for line in text.lines() {
            if line.starts_with("// ") {
                began += 1;
            } else if let Some(name) = line.strip_prefix("pub mod ") {
                listed.push((name.trim_end_matches(';').to_owned(), groups[began - 1]));
            }
        }
        assert_eq!(began, groups.len(), "three groups in the table of contents");
        let drawn = text.lines().find(|line| line.contains("──▶")).unwrap();
        let mut picture: Vec<String> = drawn
            .trim_start_matches("//!")
            .split("──▶")
            .map(|name| name.trim().to_owned())
            .collect();
        // The two ends are the outside world.
        assert_eq!(
            (picture.remove(0).as_str(), picture.pop().as_deref()),
            ("shop", Some("CRM"))
        );
        Self { listed, picture }
    }

    /// The group of a module; `main` starts the program.
    pub fn group_of(&self, module: &str) -> Option<Group> {
        if module == "main" {
            return Some(Group::Above);
        }
        self.listed
            .iter()
            .find(|(name, _)| name == module)
            .map(|(_, group)| *group)
    }

    /// The modules of a group, in reading order.
    pub fn of(&self, wanted: Group) -> Vec<String> {
        self.listed
            .iter()
            .filter(|(_, group)| *group == wanted)
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// All modules.
    pub fn modules(&self) -> Vec<String> {
        self.listed.iter().map(|(name, _)| name.clone()).collect()
    }
}
