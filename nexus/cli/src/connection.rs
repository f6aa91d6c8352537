//! Which nexus to ask, as whom, and whom to trust: from options, environment and profile, in this order.
//!
//! Token and authority belong together: a token of a profile is only ever sent to servers that the profile's own
//! authority vouches for, so that no other address in the environment gets hold of it.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use clap::Args;
use clap_complete::ArgValueCandidates;

use crate::failure::Failure;
use crate::profile::{Profile, Profiles};

/// A token has some dozens of bytes; a larger file is another one.
const TOKEN_FILE_MAX_BYTES: u64 = 4096;

/// Options of every command that talks to nexus.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Connection")]
pub struct ConnectionArgs {
    /// Profile to use (see `berth profile`)
    #[arg(long, global = true, env = "BERTH_PROFILE", value_name = "NAME", hide_env_values = true)]
    #[arg(add = ArgValueCandidates::new(crate::live_names::profiles))]
    pub profile: Option<String>,
    /// Public address of nexus; several, separated by commas, stand in for each other
    #[arg(long, global = true, env = "BERTH_URL", value_name = "URL", hide_env_values = true)]
    pub url: Option<String>,
    /// File with the API token; only its owner may read it [env: BERTH_TOKEN_FILE, or the token itself in BERTH_TOKEN]
    #[arg(long, global = true, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// File with the certificate of the cluster's authority
    #[arg(long, global = true, env = "BERTH_CA", value_name = "FILE", hide_env_values = true)]
    pub ca: Option<PathBuf>,
}

/// A secret that shows in no message.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text, to be sent.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// All that is needed to ask.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Base addresses, without a slash at their ends.
    pub urls: Vec<String>,
    /// The API token.
    pub token: Secret,
    /// The authority's certificate.
    pub ca_pem: String,
    /// The file it came from.
    pub ca_file: PathBuf,
    /// The profile's project.
    pub project: Option<String>,
}

/// The environment, as far as it matters here.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A variable that is set and not empty.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

impl Connection {
    /// Gathers everything.
    ///
    /// Errors: `Usage` for what nobody named, `Local` for a file that can't be used.
    pub fn resolve(args: &ConnectionArgs, environment: Environment<'_>) -> Result<Self, Failure> {
        Self::resolve_in(&Profiles::load()?, args, environment)
    }

    /// The same with profiles that were read already.
    pub fn resolve_in(
        profiles: &Profiles,
        args: &ConnectionArgs,
        environment: Environment<'_>,
    ) -> Result<Self, Failure> {
        let profile = profiles.find(filled(args.profile.as_deref()))?;
        let urls = match filled(args.url.as_deref()) {
            Some(text) => urls(text)?,
            None => urls(&profile.map(|p| p.urls.join(",")).unwrap_or_default())?,
        };
        let named_ca = args.ca.clone().filter(|path| !path.as_os_str().is_empty());
        let named_ca = named_ca.or_else(|| environment("BERTH_CA_FILE").map(PathBuf::from));
        let ca_is_named = named_ca.is_some();
        let ca_file = named_ca.or_else(|| profile.map(|p| p.ca_file.clone())).ok_or_else(no_authority)?;
        let token = token(args, environment, profile.filter(|_| !ca_is_named))?;
        Ok(Connection {
            urls,
            token,
            ca_pem: read_authority(&ca_file)?,
            ca_file,
            project: profile.and_then(|p| p.project.clone()),
        })
    }
}

fn filled(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

fn no_authority() -> Failure {
    Failure::Usage(
        "whom to trust is not known: name the authority's certificate with --ca, BERTH_CA or a profile"
            .to_string(),
    )
}

fn token(
    args: &ConnectionArgs,
    environment: Environment<'_>,
    profile: Option<&Profile>,
) -> Result<Secret, Failure> {
    if let Some(path) = &args.token_file {
        return read_token(path);
    }
    if let Some(text) = environment("BERTH_TOKEN") {
        return as_token(&text, "BERTH_TOKEN");
    }
    if let Some(path) = environment("BERTH_TOKEN_FILE") {
        return read_token(Path::new(&path));
    }
    match profile {
        Some(profile) => read_token(&profile.token_file),
        None => Err(Failure::Usage(
            "there is no token: name its file with --token-file, BERTH_TOKEN_FILE or a profile (a profile's token \
             goes with the profile's own authority only)"
                .to_string(),
        )),
    }
}

/// Addresses separated by commas; `https://` may be left out.
///
/// Errors: `Usage` for none at all, and for what is no HTTPS address.
pub fn urls(text: &str) -> Result<Vec<String>, Failure> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let urls = parts.map(url).collect::<Result<Vec<_>, _>>()?;
    if urls.is_empty() {
        return Err(Failure::Usage(
            "which cluster? Name a nexus with --url or BERTH_URL, or make a profile: `berth profile add --help`".to_string(),
        ));
    }
    Ok(urls)
}

fn url(text: &str) -> Result<String, Failure> {
    let usage = |why: &str| Failure::Usage(format!("{text:?} is no address of nexus: {why}"));
    let full = match text.split_once("://") {
        Some(("https", _)) => text.to_string(),
        Some((scheme, _)) => return Err(usage(&format!("a token goes over https alone, not over {scheme}"))),
        None => format!("https://{text}"),
    };
    let parsed = reqwest::Url::parse(&full).map_err(|error| usage(&error.to_string()))?;
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return Err(usage("it has a user in it; a token says who you are"));
    }
    if parsed.query().is_some() || parsed.fragment().is_some() {
        return Err(usage("it ends at the port, like https://host:7443"));
    }
    Ok(parsed.as_str().trim_end_matches('/').to_string())
}

fn read_authority(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| {
        Failure::local(
            format!("cannot read the authority's certificate {}: {error}", path.display()),
            "name the right file with --ca, BERTH_CA or the profile",
        )
    })
}

/// Reads a token that only its owner can read.
///
/// Errors: `Local` if the file is absent, open to others, somebody else's, or holds no token.
pub fn read_token(path: &Path) -> Result<Secret, Failure> {
    let shown = path.display();
    let cannot = |error: std::io::Error| {
        Failure::local(
            format!("cannot read the token file {shown}: {error}"),
            "name the right file with --token-file, BERTH_TOKEN_FILE or the profile",
        )
    };
    let file = File::open(path).map_err(cannot)?;
    // Asked of the open file, so that what is checked is what is read.
    let metadata = file.metadata().map_err(cannot)?;
    if metadata.mode() & 0o077 != 0 {
        return Err(Failure::local(
            format!("the token file {shown} is open to others (mode {:04o})", metadata.mode() & 0o7777),
            format!("chmod go= {shown}; if others may have read it, revoke the token"),
        ));
    }
    let me = nix::unistd::geteuid();
    if !me.is_root() && ![0, me.as_raw()].contains(&metadata.uid()) {
        return Err(Failure::local(
            format!("the token file {shown} belongs to another user"),
            "use your own",
        ));
    }
    let mut text = String::new();
    file.take(TOKEN_FILE_MAX_BYTES).read_to_string(&mut text).map_err(cannot)?;
    as_token(&text, &format!("the file {shown}"))
}

fn as_token(text: &str, origin: &str) -> Result<Secret, Failure> {
    let text = text.trim();
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Failure::local(
            format!("there is no token in {origin}"),
            "it should hold one word, as `berth token create` printed it",
        ));
    }
    Ok(Secret(text.to_string()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn addresses_may_be_several_and_short() {
        let found = urls("https://a:7443/, 10.0.0.2:7443 ,").expect("two addresses");
        assert_eq!(found, ["https://a:7443", "https://10.0.0.2:7443"]);
    }

    #[test]
    fn a_token_never_goes_over_plain_http_or_to_a_user_in_the_address() {
        for text in ["", " , ", "http://a:1", "ftp://a", "https://me@a", "https://a?x=1", "https://"] {
            assert!(matches!(urls(text), Err(Failure::Usage(_))), "{text}");
        }
    }

    #[test]
    fn a_token_file_that_others_can_read_is_refused() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("token");
        std::fs::write(&path, "secret-word\n").expect("written");
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).expect("mode");
        let refused = read_token(&path).expect_err("open to the group");
        assert!(refused.text().contains("chmod go="), "{}", refused.text());
        assert!(!refused.text().contains("secret-word"));
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).expect("mode");
        let token = read_token(&path).expect("private");
        assert_eq!(token.expose(), "secret-word");
        assert_eq!(format!("{token:?}"), "Secret");
    }

    #[test]
    fn a_file_without_one_word_holds_no_token() {
        for text in ["", "  \n", "two words", "naïve"] {
            assert!(as_token(text, "x").is_err(), "{text}");
        }
    }
}
