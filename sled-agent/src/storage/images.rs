//! The image cache: each file is fetched once, checked, and kept under its checksum.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::SystemTime;

use berth_sled_agent_api::spec::ImageFile;
use camino::{Utf8Path, Utf8PathBuf};
use sha2::{Digest, Sha256};
use slog::{Logger, info, warn};
use tokio::io::AsyncWriteExt;

use crate::ledger::durable_file::sync_dir;
use crate::nexus_client::{NexusClient, NexusError};
use crate::vmms::admission::image_fault;

const FETCHING: &str = "fetching";

/// Why an image's file couldn't be had.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    #[error("image {image} can't be fetched: {source}")]
    Nexus { image: String, source: NexusError },
    #[error("image {image} broke off: {source}; it is fetched anew when it is asked for again")]
    BrokenOff { image: String, source: reqwest::Error },
    #[error("image {image} isn't what was announced: {found} instead of {expected}; upload it again")]
    Different { image: String, expected: String, found: String },
    #[error("image {image} can't be kept: {source}; make room under the state directory")]
    Io { image: String, source: io::Error },
    #[error("{0}")]
    Invalid(String),
}

/// Tells which checksums must not be evicted.
pub type InUse = Box<dyn Fn() -> HashSet<String> + Send + Sync>;

/// Checked files of images.
pub struct Images {
    dir: Utf8PathBuf,
    limit_bytes: u64,
    nexus: Arc<NexusClient>,
    /// One lock per file that is being fetched: whoever comes second waits, and finds it.
    fetching: Mutex<HashMap<String, Weak<tokio::sync::Mutex<()>>>>,
    in_use: OnceLock<InUse>,
    log: Logger,
}

impl std::fmt::Debug for Images {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Images").field("dir", &self.dir).finish_non_exhaustive()
    }
}

impl Images {
    /// Opens the cache in `dir`, and clears away what was half fetched. Blocking.
    pub fn open(
        dir: Utf8PathBuf,
        limit_bytes: u64,
        nexus: Arc<NexusClient>,
        log: Logger,
    ) -> io::Result<Images> {
        fs::create_dir_all(&dir)?;
        for found in dir.read_dir_utf8()? {
            let found = found?;
            if found.path().extension() == Some(FETCHING) {
                fs::remove_file(found.path())?;
            }
        }
        Ok(Images { dir, limit_bytes, nexus, fetching: Mutex::default(), in_use: OnceLock::new(), log })
    }

    /// Says who knows what is in use. Until then nothing is evicted.
    pub fn set_in_use(&self, in_use: InUse) {
        drop(self.in_use.set(in_use));
    }

    /// Where the file is; fetched first if it isn't here. Of several callers one fetches.
    pub async fn fetch(&self, file: &ImageFile) -> Result<Utf8PathBuf, ImageError> {
        if let Some(fault) = image_fault(file) {
            return Err(ImageError::Invalid(fault));
        }
        let path = self.dir.join(&file.sha256);
        let lock = self.lock_of(&file.sha256);
        let _one_at_a_time = lock.lock().await;
        if !is_here(&path, file.size_bytes) {
            self.fetch_to(file, &path).await?;
            self.evict();
        }
        Ok(path)
    }

    fn lock_of(&self, sha256: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut fetching = self.fetching.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lock) = fetching.get(sha256).and_then(Weak::upgrade) {
            return lock;
        }
        fetching.retain(|_, lock| lock.strong_count() > 0);
        let lock = Arc::default();
        fetching.insert(sha256.to_string(), Arc::downgrade(&lock));
        lock
    }

    async fn fetch_to(&self, file: &ImageFile, path: &Utf8Path) -> Result<(), ImageError> {
        let unfinished = path.with_extension(FETCHING);
        let fetched = self.download(file, &unfinished).await;
        let stored = match fetched {
            Ok(()) => fs::rename(&unfinished, path)
                .and_then(|()| sync_dir(&self.dir))
                .map_err(|source| ImageError::Io { image: name_of(file), source }),
            Err(error) => Err(error),
        };
        if stored.is_err() {
            drop(fs::remove_file(&unfinished));
        }
        stored
    }

    async fn download(&self, file: &ImageFile, to: &Utf8Path) -> Result<(), ImageError> {
        let image = || name_of(file);
        let failed = |source| ImageError::Io { image: image(), source };
        let different =
            |expected: String, found: String| ImageError::Different { image: image(), expected, found };
        let answer = self.nexus.image(file.image, file.part).await;
        let mut response = answer.map_err(|source| ImageError::Nexus { image: image(), source })?;
        let mut out = tokio::fs::File::create(to).await.map_err(failed)?;
        let (mut hash, mut length) = (Sha256::new(), 0_u64);
        let broken_off = |source| ImageError::BrokenOff { image: image(), source };
        while let Some(piece) = response.chunk().await.map_err(broken_off)? {
            length += piece.len() as u64;
            if length > file.size_bytes {
                return Err(different(format!("{} bytes", file.size_bytes), "more".to_string()));
            }
            hash.update(&piece);
            out.write_all(&piece).await.map_err(failed)?;
        }
        out.sync_all().await.map_err(failed)?;
        if length != file.size_bytes {
            return Err(different(format!("{} bytes", file.size_bytes), format!("{length}")));
        }
        let sha256: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        if sha256 != file.sha256 {
            return Err(different(file.sha256.clone(), sha256));
        }
        info!(self.log, "image fetched"; "image" => image(), "bytes" => length);
        Ok(())
    }

    /// Removes what wasn't used for longest, down to the limit; never what is in use.
    fn evict(&self) {
        let Some(in_use) = self.in_use.get() else { return };
        if let Err(error) = evict(&self.dir, self.limit_bytes, &in_use()) {
            warn!(self.log, "the image cache can't be trimmed"; "error" => %error);
        }
    }
}

fn name_of(file: &ImageFile) -> String {
    format!("{}/{}", file.image, file.part)
}

/// Whether it is here, marking it as used now.
fn is_here(path: &Utf8Path, size_bytes: u64) -> bool {
    let Ok(file) = File::open(path) else { return false };
    if !file.metadata().is_ok_and(|found| found.len() == size_bytes) {
        return false;
    }
    // The time only orders evictions: a file system that doesn't take it costs nothing but a worse choice.
    drop(file.set_modified(SystemTime::now()));
    true
}

fn evict(dir: &Utf8Path, limit_bytes: u64, in_use: &HashSet<String>) -> io::Result<()> {
    let mut files = Vec::new();
    for found in dir.read_dir_utf8()? {
        let found = found?;
        if found.path().extension().is_none() {
            let metadata = found.metadata()?;
            files.push((metadata.modified()?, metadata.len(), found.file_name().to_string()));
        }
    }
    let mut total: u64 = files.iter().map(|(_, length, _)| length).sum();
    files.sort();
    // The newest is what has just been asked for.
    files.pop();
    for (_, length, name) in files {
        if total <= limit_bytes {
            break;
        }
        if !in_use.contains(&name) {
            fs::remove_file(dir.join(name))?;
            total = total.saturating_sub(length);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_longest_unused_goes_first_and_what_is_in_use_stays() {
        let dir = tempfile::tempdir().expect("a directory");
        let dir = Utf8Path::from_path(dir.path()).expect("UTF-8");
        for (age, name) in ["a", "b", "c", "d"].iter().rev().enumerate() {
            let file = File::create(dir.join(name)).expect("made");
            file.set_len(100).expect("sized");
            file.set_modified(SystemTime::now() - Duration::from_secs(age as u64 * 60)).expect("dated");
        }
        evict(dir, 250, &HashSet::from(["a".to_string()])).expect("trimmed");
        let mut left: Vec<_> = dir
            .read_dir_utf8()
            .expect("listed")
            .map(|found| found.expect("found").file_name().to_string())
            .collect();
        left.sort();
        assert_eq!(left, ["a", "d"], "a is in use, d is the newest");
    }
}
