//! A host becomes a sled, and a sled gets a new certificate.

use berth_common::ids::{GenericUuid, SledUuid};
use berth_common::refusal::ErrorCode;
use berth_common::sled::Admission;
use berth_db::event::{self, NewEvent};
use berth_db::models::Sled;
use berth_db::sled_join::{Join, Joining, join};
use berth_sled_agent_api::sled::{JoinRequest, Joined, RenewCertificate, RenewedCertificate};
use berth_transport::{Authority, AuthorityError, Subject};
use sha2::{Digest, Sha256};

use super::error::{AppError, AppResult};
use super::secret::{JOIN_TOKEN_PREFIX, Secret};
use crate::context::Nexus;

/// Lets a host in. The same host, asking again with the same token and key, gets the same sled.
///
/// # Errors
/// `join_token_invalid`, `name_taken`, `invalid_request` for a bad signing request.
pub async fn sled_join(nexus: &Nexus, request: JoinRequest, cause: &str) -> AppResult<Joined> {
    let token = Secret::parse(JOIN_TOKEN_PREFIX, &request.token).ok_or_else(|| invalid("it is none"))?;
    let key = Authority::request_key(&request.csr_pem).map_err(bad_request)?;
    let key_hash = Sha256::digest(&key);
    let joining = Joining {
        token_hash: token.hash(),
        key_hash: &key_hash,
        id: SledUuid::new_v4(),
        name: &request.name,
    };
    let sled = nexus
        .db
        .transaction("sled.join", async |conn| match join(conn, &joining).await? {
            Join::Joined(sled) => {
                if sled.id == joining.id {
                    event::insert(conn, &[joined(&sled, cause)]).await?;
                }
                Ok(sled)
            }
            Join::Unknown => Err(invalid("nobody made it, or it was revoked")),
            Join::Expired => Err(invalid("it has expired")),
            Join::Used => Err(invalid("it was used by another host")),
            Join::NameTaken => Err(AppError::refused(
                ErrorCode::NameTaken,
                format!("a sled {} exists; give this host another name", joining.name),
            )),
        })
        .await?;
    Ok(Joined {
        sled: sled.id,
        cluster: nexus.cluster,
        certificate_pem: certificate(nexus, sled.id, &request.csr_pem)?,
        ca_pem: nexus.authority.cert_pem().to_string(),
    })
}

/// A new certificate for a sled that has one.
///
/// # Errors
/// `forbidden` for a sled that is gone for good, `invalid_request` for a bad signing request.
pub async fn renew_certificate(
    nexus: &Nexus,
    sled: SledUuid,
    request: &RenewCertificate,
) -> AppResult<RenewedCertificate> {
    let found = nexus
        .db
        .statement("sled.renew", async |conn| Ok::<_, AppError>(berth_db::sled::by_id(conn, sled).await?))
        .await?;
    match found {
        Some(seen) if seen.sled.admission != Admission::Expunged => {
            Ok(RenewedCertificate { certificate_pem: certificate(nexus, sled, &request.csr_pem)? })
        }
        Some(_) | None => {
            Err(AppError::refused(ErrorCode::Forbidden, "this sled is no part of the cluster any more"))
        }
    }
}

fn certificate(nexus: &Nexus, sled: SledUuid, csr_pem: &str) -> AppResult<String> {
    let subject = Subject::sled(sled.into_untyped_uuid(), Vec::new());
    nexus.authority.sign_request(csr_pem, &subject).map_err(bad_request)
}

fn bad_request(error: AuthorityError) -> AppError {
    AppError::invalid(format!("the signing request can't be used: {error}"))
}

fn invalid(why: &str) -> AppError {
    AppError::refused(ErrorCode::JoinTokenInvalid, format!("this join token can't be used: {why}"))
}

fn joined<'a>(sled: &'a Sled, cause: &'a str) -> NewEvent<'a> {
    NewEvent {
        kind: "sled_joined",
        subject_kind: "sled",
        subject: sled.id.into_untyped_uuid(),
        subject_name: sled.name.as_str(),
        project: None,
        sled: Some(sled.id),
        actor: "join token",
        cause,
        message: "joined the cluster",
        data: serde_json::json!({}),
    }
}
