//! Profiles: clusters by name, kept in one private file of the user.
//!
//! ```toml
//! current = "lab"
//! [profiles.lab]
//! urls = ["https://10.0.0.1:7443", "https://10.0.0.2:7443"]
//! token_file = "~/.config/berth/lab.token"
//! ca_file = "~/.config/berth/lab.pem"
//! project = "demo"
//! ```

use std::collections::BTreeMap;
use std::path::PathBuf;

use berth_transport::{SecretFileError, read_secret, write_secret};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

const FILE_NAME: &str = "config.toml";

/// All profiles of a user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profiles {
    /// The one that is used when none is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current: Option<String>,
    /// By name.
    #[serde(default)]
    pub profiles: BTreeMap<String, Profile>,
}

/// One cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Public addresses of its nexus; any will do.
    pub urls: Vec<String>,
    /// File with the API token.
    pub token_file: PathBuf,
    /// File with the certificate of the cluster's authority.
    pub ca_file: PathBuf,
    /// The project when none is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
}

/// `berth` below the user's directory for configuration.
///
/// Errors: `Local` if the environment names none.
pub fn directory() -> Result<PathBuf, Failure> {
    let named = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = named("XDG_CONFIG_HOME").or_else(|| named("HOME").map(|home| home.join(".config")));
    base.map(|base| base.join("berth")).ok_or_else(|| {
        Failure::local("there is no place for profiles: neither HOME nor XDG_CONFIG_HOME is set", "set HOME")
    })
}

impl Profiles {
    /// Reads the file; none at all is as good as an empty one.
    ///
    /// Errors: `Local` if it is open to others or isn't what it should be.
    pub fn load() -> Result<Self, Failure> {
        let directory = directory()?;
        let path = directory.join(FILE_NAME);
        let text = match read_secret(&directory, FILE_NAME) {
            Ok(text) => text,
            Err(SecretFileError::Absent { .. }) => return Ok(Profiles::default()),
            Err(error) => return Err(Failure::Local { message: error.to_string(), help: None }),
        };
        toml::from_str(&text).map_err(|error| {
            Failure::local(
                format!("{} is no list of profiles: {}", path.display(), error.message()),
                "correct it, or remove it and use `berth profile add`",
            )
        })
    }

    /// Writes the file, 0600 in a directory 0700, in one step.
    pub fn save(&self) -> Result<(), Failure> {
        let text = toml::to_string(self).map_err(|error| Failure::Local {
            message: format!("the profiles can't be written: {error}"),
            help: None,
        })?;
        write_secret(directory()?, FILE_NAME, &text)
            .map_err(|error| Failure::Local { message: error.to_string(), help: None })
    }

    /// The profile of this name, or the current one; `None` if nothing was named and nothing is current.
    ///
    /// Errors: `Local` if the named one, or the current one, isn't there.
    pub fn find(&self, name: Option<&str>) -> Result<Option<&Profile>, Failure> {
        let Some(name) = name.or(self.current.as_deref()) else { return Ok(None) };
        self.profiles.get(name).map(Some).ok_or_else(|| self.unknown(name))
    }

    /// Says that there is no such profile, and which there are.
    pub fn unknown(&self, name: &str) -> Failure {
        let known: Vec<&str> = self.profiles.keys().map(String::as_str).collect();
        let help = if known.is_empty() {
            "there is none yet: `berth profile add NAME --url … --token-file … --ca …`".to_string()
        } else {
            format!("there are: {}", known.join(", "))
        };
        Failure::local(format!("there is no profile {name}"), help)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let profile = Profile {
            urls: vec!["https://a:1".into(), "https://b:2".into()],
            token_file: "/t".into(),
            ca_file: "/c".into(),
            project: Some("demo".into()),
        };
        let all = Profiles { current: Some("lab".into()), profiles: [("lab".to_string(), profile)].into() };
        let text = toml::to_string(&all).expect("TOML");
        assert_eq!(toml::from_str::<Profiles>(&text).expect("profiles"), all);
    }

    #[test]
    fn a_profile_is_found_by_name_or_by_being_current() {
        let mut all = Profiles::default();
        assert!(all.find(None).expect("nothing is current").is_none());
        assert!(all.find(Some("lab")).is_err());
        all.profiles.insert("lab".into(), Profile::default());
        assert!(all.find(Some("lab")).expect("named").is_some());
        all.current = Some("gone".into());
        assert!(all.find(None).is_err());
    }

    #[test]
    fn unknown_keys_are_refused() {
        assert!(toml::from_str::<Profiles>("curent = 'lab'").is_err());
    }
}
