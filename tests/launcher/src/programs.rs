//! Where the built programs and the guests are.

use anyhow::{Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

/// Directory of the built programs, as `cargo xtask test` says it.
const PROGRAMS_VARIABLE: &str = "BERTH_BIN_DIR";
/// Directory of the guest images, as `cargo xtask test` says it.
const GUESTS_VARIABLE: &str = "BERTH_GUEST_DIR";

/// The built programs.
#[derive(Clone, Debug)]
pub struct Programs {
    directory: Utf8PathBuf,
}

impl Programs {
    /// Those of `BERTH_BIN_DIR`, else those beside the running test binary.
    ///
    /// # Errors
    /// When one is missing; the text says how to build it.
    pub fn find() -> Result<Self> {
        match std::env::var(PROGRAMS_VARIABLE) {
            Ok(directory) => Self::at(directory),
            Err(_) => Self::at(profile_directory()?),
        }
    }

    /// Those of one directory.
    ///
    /// # Errors
    /// As [`Programs::find`].
    pub fn at(directory: impl Into<Utf8PathBuf>) -> Result<Self> {
        let directory = directory.into();
        for program in ["nexus", "sled-agent", "berth"] {
            if !directory.join(program).is_file() {
                bail!(
                    "{directory} has no {program}; build it with `cargo build --workspace`, or run `cargo xtask test`"
                );
            }
        }
        Ok(Self { directory })
    }

    pub(crate) fn nexus(&self) -> Utf8PathBuf {
        self.directory.join("nexus")
    }

    pub(crate) fn sled_agent(&self) -> Utf8PathBuf {
        self.directory.join("sled-agent")
    }

    /// The command line program.
    pub fn berth(&self) -> Utf8PathBuf {
        self.directory.join("berth")
    }
}

/// The guest images: `BERTH_GUEST_DIR`, else `guest` in the build directory.
///
/// # Errors
/// When there are none; the text says how to make them.
pub fn guest_directory() -> Result<Utf8PathBuf> {
    let directory = match std::env::var(GUESTS_VARIABLE) {
        Ok(directory) => directory.into(),
        Err(_) => profile_directory()?.parent().map(|target| target.join("guest")).unwrap_or_default(),
    };
    if !directory.join("manifest.json").is_file() {
        bail!("{directory} has no guest images; make them with `cargo xtask guest`");
    }
    Ok(directory)
}

/// `target/debug`, from a test binary in `target/debug/deps` or a program in `target/debug`.
fn profile_directory() -> Result<Utf8PathBuf> {
    let program = Utf8PathBuf::try_from(std::env::current_exe()?)?;
    let directory = program.parent().unwrap_or(Utf8Path::new("/"));
    Ok(match (directory.file_name(), directory.parent()) {
        (Some("deps"), Some(profile)) => profile.to_owned(),
        _ => directory.to_owned(),
    })
}
