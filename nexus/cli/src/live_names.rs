//! Names for shell completion, as nexus knows them now. Whatever goes wrong, there are just no names.

use std::path::PathBuf;
use std::time::Duration;

use clap_complete::CompletionCandidate;

use crate::addressing::is_id;
use crate::client::Client;
use crate::connection::{Connection, ConnectionArgs, variable};
use crate::failure::Failure;
use crate::generated::Client as Nexus;
use crate::pages::{Given, List, Wanted};
use crate::profile::Profiles;

/// Nobody waits longer for a suggestion.
const PATIENCE: Duration = Duration::from_secs(2);
/// More names than this help nobody choose.
const MOST: usize = 500;

/// Profiles of this user.
pub fn profiles() -> Vec<CompletionCandidate> {
    let known = Profiles::load().unwrap_or_default();
    known.profiles.into_keys().map(CompletionCandidate::new).collect()
}

/// Projects.
pub fn projects() -> Vec<CompletionCandidate> {
    asked(async |client, _| {
        let list =
            client.list(Some(MOST), async |nexus, page| nexus.project_list().limit(page.limit).send().await);
        names(list.await, |project| project.name.to_string())
    })
}

/// Instances of the project on the command line.
pub fn instances() -> Vec<CompletionCandidate> {
    asked(async |client, project| {
        let ask = async |nexus: &Nexus, page: Wanted| {
            nexus
                .instance_list()
                .limit(page.limit)
                .given(in_project(&project), |ask, p| ask.project(p))
                .send()
                .await
        };
        names(client.list(Some(MOST), ask).await, |instance| instance.name.to_string())
    })
}

/// Disks of the project on the command line.
pub fn disks() -> Vec<CompletionCandidate> {
    asked(async |client, project| {
        let ask = async |nexus: &Nexus, page: Wanted| {
            nexus
                .disk_list()
                .limit(page.limit)
                .given(in_project(&project), |ask, p| ask.project(p))
                .send()
                .await
        };
        names(client.list(Some(MOST), ask).await, |disk| disk.name.to_string())
    })
}

/// Images of the project on the command line.
pub fn images() -> Vec<CompletionCandidate> {
    asked(async |client, project| {
        let ask = async |nexus: &Nexus, page: Wanted| {
            nexus
                .image_list()
                .limit(page.limit)
                .given(in_project(&project), |ask, p| ask.project(p))
                .send()
                .await
        };
        names(client.list(Some(MOST), ask).await, |image| image.name.to_string())
    })
}

/// Sleds.
pub fn sleds() -> Vec<CompletionCandidate> {
    asked(async |client, _| {
        let list =
            client.list(Some(MOST), async |nexus, page| nexus.sled_list().limit(page.limit).send().await);
        names(list.await, |sled| sled.name.to_string())
    })
}

/// Without a project, operators see all.
fn in_project(project: &str) -> Option<String> {
    Some(project.to_string()).filter(|project| !project.is_empty())
}

fn names<T>(list: Result<List<T>, Failure>, name: impl Fn(&T) -> String) -> Vec<String> {
    list.map(|list| list.items.iter().map(name).collect()).unwrap_or_default()
}

/// Runs a question with the connection that the half-written command line means.
fn asked(question: impl AsyncFn(&Client, String) -> Vec<String>) -> Vec<CompletionCandidate> {
    let words: Vec<String> = std::env::args().collect();
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
        return Vec::new();
    };
    let args = ConnectionArgs {
        profile: option(&words, &["--profile"]).or_else(|| variable("BERTH_PROFILE")),
        url: option(&words, &["--url"]).or_else(|| variable("BERTH_URL")),
        token_file: option(&words, &["--token-file"]).map(PathBuf::from),
        ca: option(&words, &["--ca"]).or_else(|| variable("BERTH_CA")).map(PathBuf::from),
    };
    let Ok(connection) = Connection::resolve(&args, &variable) else { return Vec::new() };
    let Ok(client) = Client::new(&connection) else { return Vec::new() };
    let named = option(&words, &["--project", "-p"]).or_else(|| variable("BERTH_PROJECT"));
    let project = named.or(connection.project).unwrap_or_default();
    let answer = runtime.block_on(async { tokio::time::timeout(PATIENCE, question(&client, project)).await });
    let known = answer.unwrap_or_default();
    known.into_iter().filter(|name| !is_id(name)).map(CompletionCandidate::new).collect()
}

/// The value of an option among words that no parser accepts yet.
fn option(words: &[String], spellings: &[&str]) -> Option<String> {
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        for spelling in spellings {
            if word == spelling {
                return rest.next().filter(|value| !value.is_empty()).cloned();
            }
            if let Some(value) = word.strip_prefix(spelling).and_then(|value| value.strip_prefix('=')) {
                return Some(value.to_string());
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(ToString::to_string).collect()
    }

    #[test]
    fn options_are_found_in_an_unfinished_line() {
        let line = words("berth -- berth instance start -p demo --url=https://a:1");
        assert_eq!(option(&line, &["--project", "-p"]).as_deref(), Some("demo"));
        assert_eq!(option(&line, &["--url"]).as_deref(), Some("https://a:1"));
        assert_eq!(option(&line, &["--profile"]), None);
        assert_eq!(option(&words("berth --url"), &["--url"]), None);
    }
}
