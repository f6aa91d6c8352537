//! `berth image`: what instances boot and disks are made from.

use std::path::PathBuf;

use berth_common::Name;
use berth_common::storage::{ImageKind, ImagePart, ImageState};
use clap::{Args, Subcommand, ValueHint};
use clap_complete::ArgValueCandidates;

use crate::addressing::name_or_id;
use crate::cell::Cell;
use crate::client::Repeat;
use crate::confirm::ConfirmArgs;
use crate::failure::Failure;
use crate::generated::Client as Nexus;
use crate::generated::Error as AskError;
use crate::generated::types::{Image, ImageCreate};
use crate::live_names;
use crate::output::{Column, note};
use crate::pages::Given;
use crate::session::{OnceArgs, ProjectListArgs, Session, to_uuid};
use crate::upload::{self, Hashed};

/// Verbs of images.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List images
    #[command(visible_alias = "ls")]
    List(ProjectListArgs),
    /// Make an image and upload its files
    Create(Create),
    /// Upload files of an image that isn't complete
    Upload(Upload),
    /// View an image
    #[command(visible_alias = "show")]
    View(Target),
    /// Delete an image that nothing uses
    #[command(visible_alias = "rm")]
    Delete(Delete),
}

/// An image.
#[derive(Debug, Args)]
pub struct Target {
    /// The image
    #[arg(id = "target", value_name = "IMAGE", value_parser = name_or_id, add = ArgValueCandidates::new(live_names::images))]
    name: String,
}

/// The files of an image.
#[derive(Debug, Args)]
#[command(next_help_heading = "Files")]
pub struct Files {
    /// Linux kernel, booted directly; goes with --initrd
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "disk")]
    kernel: Option<PathBuf>,
    /// Initial RAM disk
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "disk")]
    initrd: Option<PathBuf>,
    /// Disk, raw or qcow2
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    disk: Option<PathBuf>,
}

impl Files {
    fn named(&self) -> Vec<(ImagePart, &PathBuf)> {
        let all = [
            (ImagePart::Kernel, &self.kernel),
            (ImagePart::Initrd, &self.initrd),
            (ImagePart::Disk, &self.disk),
        ];
        all.into_iter().filter_map(|(part, path)| path.as_ref().map(|path| (part, path))).collect()
    }
}

/// An image to be made.
#[derive(Debug, Args)]
pub struct Create {
    /// Its name, unique in its project
    name: Name,
    #[command(flatten)]
    files: Files,
    /// Your own words
    #[arg(long, default_value = "", hide_default_value = true)]
    description: String,
    #[command(flatten)]
    once: OnceArgs,
}

/// Files for an image.
#[derive(Debug, Args)]
pub struct Upload {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    files: Files,
}

/// An image to be deleted.
#[derive(Debug, Args)]
pub struct Delete {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    confirm: ConfirmArgs,
}

const COLUMNS: &[Column<Image>] = &[
    Column::listed("name", |i| Cell::text(&i.name)),
    Column::listed("kind", |i| Cell::text(i.kind)),
    Column::listed("state", |i| Cell::text(i.state)),
    Column::listed("size", |i| Cell::Bytes(i.files.iter().map(|file| file.size_bytes).sum())),
    Column::listed("project", |i| Cell::Of(to_uuid(i.project_id))),
    Column::on_request("format", |i| Cell::some(i.disk_format, Cell::text)),
    Column::on_request("disk_size", |i| Cell::some(i.virtual_bytes, Cell::Bytes)),
    Column::on_request("files", |i| {
        Cell::text(
            i.files.iter().map(|file| format!("{}={}", file.part, file.sha256)).collect::<Vec<_>>().join(" "),
        )
    }),
    Column::on_request("id", |i| Cell::Of(to_uuid(i.id))),
    Column::on_request("description", |i| Cell::text(&i.description)),
    Column::on_request("created", |i| Cell::Time(i.created_at)),
];

/// Runs a verb.
pub async fn run(session: &Session, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::List(args) => list(session, args).await,
        Verb::Create(args) => create(session, args).await,
        Verb::Upload(args) => upload_to(session, args).await,
        Verb::View(target) => {
            let image = view(session, &target.name).await?;
            session.output.record(&image, COLUMNS, &session.project_names().await)
        }
        Verb::Delete(args) => delete(session, args).await,
    }
}

async fn list(session: &Session, args: ProjectListArgs) -> Result<(), Failure> {
    let project = args.project(session);
    let list = session
        .client
        .list(args.list.limit, async |nexus, page| {
            let ask = nexus.image_list().limit(page.limit);
            let ask = ask.given(page.token, |ask, token| ask.page_token(token));
            ask.given(project.clone(), |ask, project| ask.project(project)).send().await
        })
        .await?;
    session.show(&list, COLUMNS, &session.project_names().await)
}

async fn view(session: &Session, image: &str) -> Result<Image, Failure> {
    let project = session.project_of(image)?;
    let ask = async |nexus: &Nexus| {
        nexus
            .image_view()
            .image(image)
            .given(project.clone(), |ask, project| ask.project(project))
            .send()
            .await
    };
    session.client.look(ask).await
}

/// Reads all files before it asks for anything, so that a wrong path leaves nothing behind.
async fn create(session: &Session, args: Create) -> Result<(), Failure> {
    let kind = match (&args.files.kernel, &args.files.initrd, &args.files.disk) {
        (Some(_), Some(_), None) => ImageKind::Kernel,
        (None, None, Some(_)) => ImageKind::Disk,
        _ => {
            return Err(Failure::Usage(
                "an image is --kernel FILE with --initrd FILE, or --disk FILE".to_string(),
            ));
        }
    };
    let (key, project) = (args.once.key(), session.project()?);
    let files = hash_all(session, &args.files).await?;
    let body = ImageCreate { name: args.name, description: args.description, kind };
    let ask = async |nexus: &Nexus| {
        let ask = nexus.image_create().project(project.as_str()).idempotency_key(key.as_str());
        ask.body(body.clone()).send().await
    };
    let image = session.client.ask(Repeat::Safe, ask).await?;
    send_all(session, image, &files).await
}

async fn upload_to(session: &Session, args: Upload) -> Result<(), Failure> {
    if args.files.named().is_empty() {
        return Err(Failure::Usage("which files? Give --kernel, --initrd or --disk".to_string()));
    }
    let image = view(session, &args.target.name).await?;
    let files = hash_all(session, &args.files).await?;
    send_all(session, image, &files).await
}

async fn hash_all(session: &Session, files: &Files) -> Result<Vec<(ImagePart, Hashed)>, Failure> {
    let mut hashed = Vec::new();
    for (part, path) in files.named() {
        hashed.push((part, upload::hash(path, session.shows_progress).await?));
    }
    Ok(hashed)
}

/// Uploads; if that fails or is interrupted, says how to go on.
async fn send_all(session: &Session, image: Image, files: &[(ImagePart, Hashed)]) -> Result<(), Failure> {
    let (id, name) = (image.id.to_string(), image.name.clone());
    let sending = async {
        let mut image = image;
        for (part, file) in files {
            image = send(session, &id, *part, file).await?;
        }
        Ok(image)
    };
    let sent = tokio::select! {
        sent = sending => sent,
        _interrupted = tokio::signal::ctrl_c() => {
            Err(Failure::Local { message: "interrupted".to_string(), help: None })
        }
    };
    let image = match sent {
        Ok(image) => image,
        Err(failure) => {
            note(&format!(
                "image {name} is there, but not complete; to go on: berth image upload {id} …, to give up: berth image delete {id}"
            ));
            return Err(failure);
        }
    };
    let rest = if image.state == ImageState::Ready { "ready" } else { "not complete yet" };
    session.output.done(&image, COLUMNS, &format!("image {name} is {rest}"))
}

async fn send(session: &Session, image: &str, part: ImagePart, file: &Hashed) -> Result<Image, Failure> {
    let bar = upload::bar(session.shows_progress, file.bytes, &format!("uploading {part}"));
    let ask = async |nexus: &Nexus| {
        // Opened anew for each nexus that is tried.
        let body =
            upload::body(file, bar.clone()).await.map_err(|failure| AskError::Custom(failure.text()))?;
        nexus.image_upload().image(image).part(part).sha256(file.sha256.as_str()).body(body).send().await
    };
    let image = session.client.ask(Repeat::Safe, ask).await;
    bar.finish_and_clear();
    image
}

async fn delete(session: &Session, args: Delete) -> Result<(), Failure> {
    let image = args.target.name.as_str();
    let project = session.project_of(image)?;
    args.confirm.ask(&format!("Delete image {image}?"))?;
    let ask = async |nexus: &Nexus| {
        nexus
            .image_delete()
            .image(image)
            .given(project.clone(), |ask, project| ask.project(project))
            .send()
            .await
    };
    session.client.ask(Repeat::IfUnsent, ask).await?;
    session.output.gone(&format!("deleted image {image}"))
}
