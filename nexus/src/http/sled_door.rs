//! The door for sleds: who speaks is what the certificate says, never what the body says.

use berth_common::ids::{GenericUuid, SledUuid};
use berth_common::refusal::ErrorCode;
use berth_nexus_api::error::status_of;
use berth_transport::{Peer, PeerIdentity, Role};
use dropshot::{ErrorStatusCode, HttpError, RequestContext};

use super::context::Doors;
use super::refusal;
use crate::app::error::AppError;
use crate::context::Nexus;

/// The sled that speaks.
///
/// # Errors
/// 403 for whoever has no certificate of a sled of this cluster, or came around the TLS front.
pub fn sled(rqctx: &RequestContext<Doors>) -> Result<SledUuid, HttpError> {
    match rqctx.context().peers.lookup(rqctx.request.remote_addr()) {
        Some(Peer::Mutual(identity)) => sled_of(&identity, &rqctx.context().nexus),
        Some(Peer::Public { .. }) => Err(forbidden("this needs the certificate of a sled; join first")),
        None => Err(forbidden("this is not the door: speak TLS with the address that nexus advertises")),
    }
}

fn sled_of(identity: &PeerIdentity, nexus: &Nexus) -> Result<SledUuid, HttpError> {
    if identity.role != Role::Sled {
        return Err(forbidden("this is the door of sleds"));
    }
    if identity.cluster != nexus.cluster.into_untyped_uuid() {
        return Err(forbidden("this sled belongs to another cluster"));
    }
    Ok(SledUuid::from_untyped_uuid(identity.id))
}

/// Anyone who came through the front: who wants to join has no certificate yet.
///
/// # Errors
/// 403 for who came around it.
pub fn anyone(rqctx: &RequestContext<Doors>) -> Result<(), HttpError> {
    match rqctx.context().peers.lookup(rqctx.request.remote_addr()) {
        Some(_) => Ok(()),
        None => Err(forbidden("this is not the door: speak TLS with the address that nexus advertises")),
    }
}

fn forbidden(message: &str) -> HttpError {
    error(ErrorCode::Forbidden, message.to_string())
}

/// A refusal in the shape of the internal contract.
pub fn error(code: ErrorCode, message: String) -> HttpError {
    let status = ErrorStatusCode::try_from(status_of(code)).unwrap_or(ErrorStatusCode::INTERNAL_SERVER_ERROR);
    HttpError {
        status_code: status,
        error_code: Some(code.as_str().to_string()),
        internal_message: message.clone(),
        external_message: message,
        headers: None,
    }
}

/// What a function of `app` refused.
pub fn refused(rqctx: &RequestContext<Doors>, refused: &AppError) -> HttpError {
    let response = refusal::to_response(refused, &rqctx.request_id, &rqctx.log);
    error(refused.code(), response.message)
}
