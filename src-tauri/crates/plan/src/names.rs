//! The words for presets and providers, as they stand in files and on the command line.

use std::{fmt, str::FromStr};

use crate::{Preset, Provider};

/// A word that names none of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{word}” is none of: {known}")]
pub struct NotOne {
    /// The word.
    pub word: String,
    /// Those that there are, with commas between.
    pub known: String,
}

fn find<T: Copy>(word: &str, all: &[(T, &'static str)]) -> Result<T, NotOne> {
    let known = || all.iter().map(|(_, name)| *name).collect::<Vec<_>>().join(", ");
    let hit = all.iter().find(|(_, name)| *name == word).map(|(value, _)| *value);
    hit.ok_or_else(|| NotOne { word: word.into(), known: known() })
}

impl Preset {
    /// All presets and their words.
    pub const ALL: [(Self, &'static str); 3] = [(Self::Solo, "solo"), (Self::Classroom, "classroom"), (Self::Ha, "ha")];

    /// Its word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Solo => "solo",
            Self::Classroom => "classroom",
            Self::Ha => "ha",
        }
    }
}

impl Provider {
    /// All providers and their words.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::Practice, "practice"),
        (Self::VirtualBox, "virtualbox"),
        (Self::Libvirt, "libvirt"),
        (Self::Docker, "docker"),
    ];

    /// Its word, as Vagrant knows it too.
    pub fn name(self) -> &'static str {
        match self {
            Self::Practice => "practice",
            Self::VirtualBox => "virtualbox",
            Self::Libvirt => "libvirt",
            Self::Docker => "docker",
        }
    }

    /// Simulated machines.
    pub fn is_practice(self) -> bool {
        self == Self::Practice
    }
}

impl FromStr for Preset {
    type Err = NotOne;

    fn from_str(word: &str) -> Result<Self, NotOne> {
        find(word, &Self::ALL)
    }
}

impl FromStr for Provider {
    type Err = NotOne;

    fn from_str(word: &str) -> Result<Self, NotOne> {
        find(word, &Self::ALL)
    }
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_back() {
        for (preset, word) in Preset::ALL {
            assert_eq!((preset.name(), word.parse()), (word, Ok(preset)));
        }
        for (provider, word) in Provider::ALL {
            assert_eq!((provider.name(), word.parse()), (word, Ok(provider)));
            assert_eq!(serde_json::to_value(provider).ok(), Some(word.into()));
        }
    }

    #[test]
    fn another_word_is_answered_with_those_that_there_are() {
        let error = "vmware".parse::<Provider>().unwrap_err();
        assert_eq!(error.to_string(), "“vmware” is none of: practice, virtualbox, libvirt, docker");
    }
}
