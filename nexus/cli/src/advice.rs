//! What to do next, per refusal, in terms of this command line. The message of nexus names the thing and the reason.

use berth_common::refusal::ErrorCode;

/// The advice for a code; `None` where the message says it all, and for codes of a newer nexus.
pub fn advice(code: &str) -> Option<&'static str> {
    match code.parse::<ErrorCode>().ok()? {
        ErrorCode::Unauthenticated => Some(
            "the token is wrong, expired or revoked: name a valid one with --token-file, BERTH_TOKEN_FILE or BERTH_TOKEN; \
             an admin makes one with `berth token create`",
        ),
        ErrorCode::Forbidden => Some(
            "`berth whoami` shows your roles; name a project with --project, or ask its admin for `berth role grant`",
        ),
        ErrorCode::NotFound => {
            Some("check the name, and the project it is in (--project); `list` shows what is there")
        }
        ErrorCode::NameTaken => Some("choose another name, or view what has this one"),
        ErrorCode::GenerationMismatch => {
            Some("somebody changed it in between: view it again, then repeat the change")
        }
        ErrorCode::IdempotencyConflict => {
            Some("the key was used for another request: leave --idempotency-key out")
        }
        ErrorCode::QuotaExceeded => {
            Some("`berth project view` shows quota and use; a fleet admin can raise the quota")
        }
        ErrorCode::LimitExceeded => {
            Some("wait for work in flight (`berth operation list --open`), then ask again")
        }
        ErrorCode::Unavailable => {
            Some("what this needs is away just now, as the message says; ask again in some seconds")
        }
        ErrorCode::Internal => Some("this is a fault of nexus: report it with the request's id"),
        ErrorCode::InstanceCreating | ErrorCode::InstanceStopping => {
            Some("wait for the work in flight: `berth instance explain NAME` shows it")
        }
        ErrorCode::InstanceMigrating | ErrorCode::InstanceRebooting | ErrorCode::InstanceDisowned => {
            Some("`berth instance explain NAME` shows what it waits for")
        }
        ErrorCode::InstanceNotStoppable => Some("`berth instance explain NAME` shows what it does"),
        ErrorCode::InstanceNotStopped => Some("stop it first: `berth instance stop NAME`"),
        ErrorCode::DiskAttached => Some("detach it first: `berth disk detach NAME`"),
        ErrorCode::DiskNotReady => Some("`berth operation list --open` shows whether it is still being made"),
        ErrorCode::DiskTooLarge => Some("`berth pool list` shows which pool has how much room"),
        ErrorCode::DiskTooSmall => Some("leave --size out: the disk gets the size of its image"),
        ErrorCode::ImageNotReady => Some("upload its files: `berth image upload NAME …`"),
        ErrorCode::InvalidImage => {
            Some("`berth image upload` takes a kernel and an initrd, or a raw or qcow2 disk")
        }
        ErrorCode::ChecksumMismatch => {
            Some("the bytes changed on the way, or the file while it was read: upload it again")
        }
        ErrorCode::PoolNotFound => Some("`berth pool list` shows the pools"),
        ErrorCode::ProjectNotEmpty => Some("delete its instances, disks and images first"),
        ErrorCode::NoCapacity => {
            Some("`berth sled list` shows free cores and memory; ask for less, or free or add a sled")
        }
        ErrorCode::SagaNotStuck => Some("`berth saga list --state stuck` shows those that need you"),
        ErrorCode::SagaNotRunnable => Some("`berth nexus list` shows which nexus runs which version"),
        ErrorCode::ImageFileComplete => Some("it is uploaded already: make another image for other bytes"),
        ErrorCode::SledNotInService => Some("`berth sled explain NAME` shows what it is in instead"),
        ErrorCode::JoinTokenInvalid | ErrorCode::JoinTokenUsed => {
            Some("make another one: `berth sled token create`")
        }
        // The message of nexus says it all.
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_code_gets_no_advice_and_no_failure() {
        assert_eq!(advice("invented_tomorrow"), None);
        assert!(advice("no_capacity").is_some());
    }
}
