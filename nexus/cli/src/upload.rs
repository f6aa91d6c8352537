//! Files on their way to nexus: hashed first, then streamed with a progress bar.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sha2::{Digest, Sha256};
use tokio::fs::File;
use tokio::io::AsyncReadExt;

use crate::failure::Failure;

/// Bytes read at a time.
const CHUNK_BYTES: usize = 256 * 1024;

/// A file that was read once.
#[derive(Clone, Debug)]
pub struct Hashed {
    /// Where it is.
    pub path: PathBuf,
    /// How long it was.
    pub bytes: u64,
    /// SHA-256 of its bytes then, lower-case hexadecimal.
    pub sha256: String,
}

/// Reads a file to its end.
///
/// Errors: `Local` if it can't be read, isn't a file, or is empty.
pub async fn hash(path: &Path, shows_progress: bool) -> Result<Hashed, Failure> {
    let (mut file, length) = open(path).await?;
    let bar = bar(shows_progress, length, &format!("reading {}", path.display()));
    let (mut digest, mut bytes) = (Sha256::new(), 0);
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        match file.read(&mut chunk).await.map_err(|error| unreadable(path, &error))? {
            0 => break,
            count => {
                digest.update(&chunk[..count]);
                bytes += count as u64;
                bar.set_position(bytes);
            }
        }
    }
    bar.finish_and_clear();
    if bytes == 0 {
        return Err(Failure::local(format!("{} is empty", path.display()), "name another file"));
    }
    let sha256 = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Hashed { path: path.to_owned(), bytes, sha256 })
}

/// The file as a body, from its beginning. If it was changed meanwhile, nexus sees another checksum and keeps nothing.
///
/// Errors: `Local` if it can't be opened any more.
pub async fn body(file: &Hashed, bar: ProgressBar) -> Result<reqwest::Body, Failure> {
    let (opened, _) = open(&file.path).await?;
    bar.set_position(0);
    Ok(reqwest::Body::wrap_stream(chunks(opened, bar)))
}

fn chunks(file: File, bar: ProgressBar) -> BoxStream<'static, std::io::Result<Bytes>> {
    stream::try_unfold(file, move |mut file| {
        let bar = bar.clone();
        async move {
            let mut chunk = vec![0; CHUNK_BYTES];
            let count = file.read(&mut chunk).await?;
            chunk.truncate(count);
            bar.inc(count as u64);
            Ok((count > 0).then(|| (Bytes::from(chunk), file)))
        }
    })
    .boxed()
}

async fn open(path: &Path) -> Result<(File, u64), Failure> {
    let file = File::open(path).await.map_err(|error| unreadable(path, &error))?;
    let metadata = file.metadata().await.map_err(|error| unreadable(path, &error))?;
    if metadata.is_dir() {
        return Err(Failure::local(format!("{} is a directory", path.display()), "name a file"));
    }
    Ok((file, metadata.len()))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::local(
        format!("cannot read {}: {error}", path.display()),
        "check the path, and that you may read it",
    )
}

/// A bar over so many bytes, on standard error if it is a terminal.
pub fn bar(is_wanted: bool, bytes: u64, what: &str) -> ProgressBar {
    let target = if is_wanted { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let template = "{msg} {bar:24} {binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec} {eta}";
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(Some(bytes), target).with_style(style).with_message(what.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_is_hashed_and_streamed_as_it_is() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("kernel");
        let content: Vec<u8> = (0..CHUNK_BYTES + 7).map(|n| (n % 251) as u8).collect();
        std::fs::write(&path, &content).expect("written");
        let hashed = hash(&path, false).await.expect("readable");
        assert_eq!(hashed.bytes, content.len() as u64);
        let expected: String = Sha256::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hashed.sha256, expected);
        let (file, _) = open(&path).await.expect("still there");
        let pieces: Vec<_> = chunks(file, ProgressBar::hidden()).collect().await;
        let streamed: Vec<u8> = pieces.into_iter().flat_map(|piece| piece.expect("a piece")).collect();
        assert!(streamed == content);
    }

    #[tokio::test]
    async fn what_is_no_file_with_content_is_refused_before_anything_is_sent() {
        let directory = tempfile::tempdir().expect("a directory");
        let empty = directory.path().join("empty");
        std::fs::write(&empty, "").expect("written");
        for path in [directory.path(), &empty, Path::new("/nowhere/at/all")] {
            assert!(matches!(hash(path, false).await, Err(Failure::Local { .. })), "{}", path.display());
        }
    }
}
