//! The doors of images.

use berth_common::refusal::ErrorCode;
use berth_nexus_api::api::Answer;
use berth_nexus_api::asked::{Asked, AskedBody, is_too_large};
use berth_nexus_api::headers::IdempotencyHeader;
use berth_nexus_api::image::{Image, ImageCreate, ImageFilePath, ImagePath, ImageUploadQuery};
use berth_nexus_api::page::{InProjectQuery, Page, ProjectPageQuery, ProjectQuery};
use dropshot::{
    Header, HttpError, HttpResponseCreated, HttpResponseDeleted, HttpResponseOk, Path, Query, RequestContext,
    StreamingBody,
};
use futures::TryStreamExt;

use super::context::Doors;
use super::door::answer;
use super::headers::once;
use crate::app;
use crate::app::error::AppError;
use crate::app::find::Which;
use crate::app::image_upload::Upload;

/// List images.
pub async fn image_list(
    rqctx: RequestContext<Doors>,
    query: Asked<Query<ProjectPageQuery>>,
) -> Answer<HttpResponseOk<Page<Image>>> {
    answer(&rqctx, |door| async move {
        let query = door.query(query)?;
        Ok(HttpResponseOk(app::image::image_list(&door.nexus, &door.actor, query).await?))
    })
    .await
}

/// Make an image, to be filled by uploads.
pub async fn image_create(
    rqctx: RequestContext<Doors>,
    query: Asked<Query<InProjectQuery>>,
    headers: Asked<Header<IdempotencyHeader>>,
    body: AskedBody<ImageCreate>,
) -> Answer<HttpResponseCreated<Image>> {
    answer(&rqctx, |door| async move {
        let query = door.query(query)?;
        let headers = door.headers(headers)?;
        let body = door.body(body)?;
        let once = once(headers, "image_create", &(query.project.to_string(), &body))?;
        Ok(HttpResponseCreated(
            app::image::image_create(&door.nexus, &door.actor, query.project, body, once).await?,
        ))
    })
    .await
}

/// View an image.
pub async fn image_view(
    rqctx: RequestContext<Doors>,
    path: Asked<Path<ImagePath>>,
    query: Asked<Query<ProjectQuery>>,
) -> Answer<HttpResponseOk<Image>> {
    answer(&rqctx, |door| async move {
        let path = door.path(path)?;
        let query = door.query(query)?;
        let image = Which { name_or_id: path.image, project: query.project };
        Ok(HttpResponseOk(app::image::image_view(&door.nexus, &door.actor, &image).await?))
    })
    .await
}

/// Delete an image that nothing uses.
pub async fn image_delete(
    rqctx: RequestContext<Doors>,
    path: Asked<Path<ImagePath>>,
    query: Asked<Query<ProjectQuery>>,
) -> Answer<HttpResponseDeleted> {
    answer(&rqctx, |door| async move {
        let path = door.path(path)?;
        let query = door.query(query)?;
        let image = Which { name_or_id: path.image, project: query.project };
        app::image::image_delete(&door.nexus, &door.actor, &image).await?;
        Ok(HttpResponseDeleted())
    })
    .await
}

/// Upload one file of an image. Asked again with the same bytes, it answers the same.
pub async fn image_upload(
    rqctx: RequestContext<Doors>,
    path: Asked<Path<ImageFilePath>>,
    query: Asked<Query<ImageUploadQuery>>,
    body: StreamingBody,
) -> Answer<HttpResponseOk<Image>> {
    answer(&rqctx, |door| async move {
        let path = door.path(path)?;
        let query = door.query(query)?;
        let image = Which { name_or_id: path.image, project: query.project };
        let bytes = body.into_stream().map_err(|error| broken_off(&error));
        let upload = Upload { part: path.part, sha256: query.sha256 };
        Ok(HttpResponseOk(
            app::image_upload::image_upload(&door.nexus, &door.actor, &image, upload, bytes).await?,
        ))
    })
    .await
}

/// The HTTP server says both with one status; its words tell them apart.
fn broken_off(error: &HttpError) -> AppError {
    if is_too_large(&error.external_message) {
        return AppError::refused(ErrorCode::BodyTooLarge, error.external_message.clone());
    }
    AppError::invalid(format!("the upload broke off: {}", error.external_message))
}
