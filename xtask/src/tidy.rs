//! `cargo xtask tidy`: the rules of the house that a machine can check.
//!
//! Each finding says where, what, why it matters here, and what to do instead. The rules are also run as
//! tests, so nobody has to remember them.
//!
//! - [`crates`]: which crate may depend on which, and what must never come with it.
//! - [`rooms`]: which room inside `nexus/src` may use which.
//! - [`files`]: the top level, names, first lines, lengths (with a ratchet for the few long ones).
//! - [`words`]: text that must not be in the repository.

mod crates;
mod files;
mod rooms;
mod words;

use crate::house::House;
use anyhow::{Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use std::fmt;

/// A rule that isn't kept.
#[derive(Debug, PartialEq, Eq)]
pub struct Finding {
    /// Path below the repository, with `:line` where there is one.
    place: String,
    what: String,
    why: &'static str,
    instead: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}\n    why: {}\n    instead: {}", self.place, self.what, self.why, self.instead)
    }
}

/// A text file of the repository.
#[derive(Debug)]
pub struct Source {
    /// Below the repository's top.
    path: Utf8PathBuf,
    text: String,
}

impl Source {
    fn is_rust(&self) -> bool {
        self.path.extension() == Some("rs")
    }

    /// Made by a tool; nobody reads it, so only the tool could keep the rules of style.
    fn is_generated(&self) -> bool {
        self.path.file_name() == Some("generated.rs")
    }

    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }
}

pub fn run(house: &House) -> Result<()> {
    let findings = findings(house)?;
    for finding in &findings {
        eprintln!("{finding}");
    }
    match findings.len() {
        0 => Ok(()),
        count => bail!("{count} rules of the house aren't kept"),
    }
}

/// Everything the rules find in the repository.
fn findings(house: &House) -> Result<Vec<Finding>> {
    let sources = sources(house.root())?;
    let mut findings = crates::findings(house)?;
    findings.extend(rooms::findings(&sources));
    findings.extend(files::findings(house.root(), &sources)?);
    findings.extend(words::findings(&sources));
    Ok(findings)
}

/// Everything that isn't made by a build or by git.
fn sources(root: &Utf8Path) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    let mut directories = vec![root.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in directory.read_dir_utf8()? {
            let entry = entry?;
            // In a second working tree of git's, `.git` is a file.
            if matches!(entry.file_name(), "target" | ".git" | ".scratch") {
                continue;
            }
            if entry.file_type()?.is_dir() {
                directories.push(entry.path().to_owned());
            } else if let Ok(text) = std::fs::read_to_string(entry.path()) {
                // What isn't text (an image, say) has no words to check.
                sources.push(Source { path: entry.path().strip_prefix(root)?.to_owned(), text });
            }
        }
    }
    sources.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(sources)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_nothing(findings: &[Finding]) {
        let text: Vec<String> = findings.iter().map(ToString::to_string).collect();
        assert!(findings.is_empty(), "\n{}\n", text.join("\n"));
    }

    #[test]
    fn crates_look_only_where_they_may() -> Result<()> {
        assert_nothing(&crates::findings(&House::find()?)?);
        Ok(())
    }

    #[test]
    fn rooms_look_only_where_they_may() -> Result<()> {
        assert_nothing(&rooms::findings(&sources(House::find()?.root())?));
        Ok(())
    }

    #[test]
    fn files_keep_the_house_style() -> Result<()> {
        let house = House::find()?;
        assert_nothing(&files::findings(house.root(), &sources(house.root())?)?);
        Ok(())
    }

    #[test]
    fn no_word_stands_that_must_not() -> Result<()> {
        assert_nothing(&words::findings(&sources(House::find()?.root())?));
        Ok(())
    }
}
